import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtersOf, pageOf } from './shapes.ts';

const NAME = 'AWS-RunShellScript';

/** The content that AWS gives its own document of this name, schema 1.2. */
const CONTENT = {
  schemaVersion: '1.2',
  description: 'Run a shell script or specify the commands to run.',
  parameters: {
    commands: {
      type: 'StringList',
      description: '(Required) Specify a shell script or a command to run.',
      minItems: 1,
      displayType: 'textarea',
    },
    workingDirectory: {
      type: 'String',
      default: '',
      description: '(Optional) The path to the working directory on your instance.',
      maxChars: 4096,
    },
    executionTimeout: {
      type: 'String',
      default: '3600',
      description:
        '(Optional) The time in seconds for a command to complete before it is considered to have failed. Default is 3600 (1 hour). Maximum is 172800 (48 hours).',
      allowedPattern: '([1-9][0-9]{0,4})|(1[0-6][0-9]{4})|(17[0-1][0-9]{3})|(172[0-7][0-9]{2})|(172800)',
    },
  },
  runtimeConfig: {
    'aws:runShellScript': {
      properties: [
        {
          id: '0.aws:runShellScript',
          runCommand: '{{ commands }}',
          workingDirectory: '{{ workingDirectory }}',
          timeoutSeconds: '{{ executionTimeout }}',
        },
      ],
    },
  },
};

const COMMON = {
  Name: NAME,
  Owner: 'Amazon',
  PlatformTypes: ['Linux', 'MacOS'],
  DocumentVersion: '1',
  DocumentType: 'Command',
  SchemaVersion: '1.2',
  DocumentFormat: 'JSON',
  Tags: [],
};

const FACTS: Record<string, string[]> = {
  Name: [NAME],
  Owner: ['Amazon', 'Public', 'All'],
  DocumentType: ['Command'],
  PlatformTypes: ['Linux', 'MacOS'],
};

const ListDocuments: Operation = (input) => {
  const filters = [
    ...filtersOf(input, 'Filters'),
    ...filtersOf(input, 'DocumentFilterList', { key: 'key', values: 'value' }),
  ];
  const listed = filters.every(({ key, values }) => {
    const facts = Object.hasOwn(FACTS, key) ? FACTS[key] : undefined;
    // A name may be given as its beginning.
    return values.some((value) =>
      facts?.some((fact) => fact === value || (key === 'Name' && fact.startsWith(value))),
    );
  });
  const { items, next } = pageOf(listed ? [COMMON] : [], input, 50);
  return { DocumentIdentifiers: items, NextToken: next };
};

function find(input: Input): void {
  const name = input.require('Name');
  if (name.split('/').at(-1) !== NAME)
    throw new ServiceError('InvalidDocument', `Document with name ${name} does not exist.`);
}

const DescribeDocument: Operation = (input) => {
  find(input);
  return {
    Document: {
      ...COMMON,
      Description: CONTENT.description,
      Status: 'Active',
      LatestVersion: '1',
      DefaultVersion: '1',
      HashType: 'Sha256',
      Parameters: Object.entries(CONTENT.parameters).map(([Name, { type, description, ...more }]) => ({
        Name,
        Type: type,
        Description: description,
        DefaultValue: 'default' in more ? more.default : undefined,
      })),
    },
  };
};

const GetDocument: Operation = (input) => {
  find(input);
  return {
    Name: NAME,
    DocumentVersion: '1',
    Status: 'Active',
    Content: JSON.stringify(CONTENT, null, 2),
    DocumentType: 'Command',
    DocumentFormat: 'JSON',
  };
};

export const documentOperations: Record<string, Operation> = {
  ListDocuments,
  DescribeDocument,
  GetDocument,
};
