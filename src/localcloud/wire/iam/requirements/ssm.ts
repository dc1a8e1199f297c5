import { instances } from '../../../engine/ec2/instance-record.ts';
import type { Engine } from '../../../engine/engine.ts';
import type { Context } from '../../../engine/iam/patterns.ts';
import {
  type Asked,
  objectsOf,
  type Requirement,
  requestTags,
  resourceTags,
  tagsOf,
  textsOf,
} from './requirement.ts';

/**
 * A command needs its document and every instance that it goes to (or any, of those with the tags that are targeted);
 * parameters are named. Source: service authorization reference, "AWS Systems Manager".
 */
export function ssmRequirements(asked: Asked): Requirement[] {
  const { operation, input } = asked;
  const action = `ssm:${operation}`;
  if (operation === 'SendCommand') return commandRequirements(asked);
  const names = ['Name', 'Names', 'Path'].flatMap((name) => textsOf(input, name));
  if (!operation.includes('Parameter') || operation === 'DescribeParameters' || names.length === 0)
    return [{ action, resource: '*' }];
  return names.map((name) => ({
    action,
    resource: parameterArn(asked, name),
    context: requestTags(tagsOf(input, 'Tags')),
  }));
}

/** Without version or label; a name that is no path gets its slash. */
function parameterArn({ engine, region }: Asked, name: string): string {
  if (name.startsWith('arn:')) return name;
  const plain = name.replace(/:[^:/]*$/, '');
  const owner = plain.startsWith('/aws/') ? '' : engine.account;
  return `arn:aws:ssm:${region}:${owner}:parameter${plain.startsWith('/') ? '' : '/'}${plain}`;
}

function commandRequirements({ engine, region, input }: Asked): Requirement[] {
  const action = 'ssm:SendCommand';
  const document = textsOf(input, 'DocumentName')[0] ?? '';
  // AWS's own documents belong to no account.
  const owner = document.startsWith('AWS-') ? '' : engine.account;
  const targets = objectsOf(input, 'Targets');
  const ids = [
    ...textsOf(input, 'InstanceIds'),
    ...targets.flatMap((one) => (one.text('Key') === 'InstanceIds' ? textsOf(one, 'Values') : [])),
  ];
  const instance = (id: string, context: Context) => ({
    action,
    resource: `arn:aws:ec2:${region}:${engine.account}:instance/${id}`,
    context,
  });
  const targeted = Object.fromEntries(
    targets.flatMap((one) => {
      const tag = /^tag:(.+)$/.exec(one.text('Key') ?? '')?.[1];
      return tag === undefined ? [] : [[tag, textsOf(one, 'Values')] as const];
    }),
  );
  return [
    {
      action,
      resource: document.startsWith('arn:')
        ? document
        : `arn:aws:ssm:${region}:${owner}:document/${document}`,
    },
    ...ids.map((id) => instance(id, tagsOfInstance(engine, id))),
    ...(ids.length === 0 ? [instance('*', tagKeys(targeted))] : []),
  ];
}

const tagsOfInstance = (engine: Engine, id: string): Context =>
  resourceTags(instances(engine).get(id)?.tags ?? {}, 'ssm:resourceTag');

const tagKeys = (tags: Record<string, string[]>): Context =>
  Object.fromEntries(
    Object.entries(tags).flatMap(([key, values]) => [
      [`ssm:resourceTag/${key}`, values],
      [`aws:ResourceTag/${key}`, values],
    ]),
  );
