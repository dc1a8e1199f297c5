import { once } from '../../engine/ec2/client-tokens.ts';
import { findInstance } from '../../engine/ec2/instance-record.ts';
import { templateDataOf } from '../../engine/ec2/instance-template.ts';
import type { LaunchTemplateData } from '../../engine/ec2/launch-template-data.ts';
import {
  findTemplate,
  findVersion,
  type LaunchTemplateRecord,
  launchTemplates,
} from '../../engine/ec2/launch-templates.ts';
import {
  createTemplate,
  createTemplateVersion,
  deleteTemplate,
  setDefaultVersion,
} from '../../engine/ec2/template-changes.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { LAUNCH_TEMPLATE_DATA } from './launch-members.ts';
import { readMembers, writeMembers } from './members.ts';
import { page } from './paging.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';
import { versionView } from './template-versions.ts';

const templateView = (template: LaunchTemplateRecord) => ({
  launchTemplateId: template.templateId,
  launchTemplateName: template.templateName,
  createTime: new Date(template.createdAt),
  createdBy: template.createdBy,
  defaultVersionNumber: template.defaultVersion,
  latestVersionNumber: template.latestVersion,
  tagSet: tagSet(template.tags),
});

const templateReference = (input: Input) => ({
  id: input.text('LaunchTemplateId'),
  name: input.text('LaunchTemplateName'),
});

/** The template data of a request; it has to be there, and may be empty only beside a source version. */
function templateData(input: Input): LaunchTemplateData {
  const data = input.object('LaunchTemplateData');
  if (!data && !input.has('SourceVersion')) input.require('LaunchTemplateData');
  if (!data) return {};
  tagSpecifications(data);
  return readMembers(LAUNCH_TEMPLATE_DATA, data);
}

/** The same request with the same client token makes nothing new. Returns the id of what was made. */
function onceOnly(engine: Engine, input: Input, operation: string, make: () => string): string {
  const { ClientToken: _token, ...parameters } = input.values;
  const [id] = once(engine, operation, input.text('ClientToken'), parameters, () => [make()]);
  return id as string;
}

const CreateLaunchTemplate: Operation = (input, { engine, caller }) => {
  const request = {
    name: input.require('LaunchTemplateName'),
    description: input.text('VersionDescription'),
    data: templateData(input),
    tags: tagSpecifications(input, ['launch-template'])['launch-template'] ?? {},
    createdBy: caller.arn,
  };
  const id = onceOnly(
    engine,
    input,
    'CreateLaunchTemplate',
    () => createTemplate(engine, request).templateId,
  );
  return { launchTemplate: templateView(findTemplate(engine, { id })) };
};

const CreateLaunchTemplateVersion: Operation = (input, { engine, caller }) => {
  const template = findTemplate(engine, templateReference(input));
  const request = {
    sourceVersion: input.text('SourceVersion'),
    description: input.text('VersionDescription'),
    data: templateData(input),
    createdBy: caller.arn,
  };
  const version = onceOnly(engine, input, 'CreateLaunchTemplateVersion', () =>
    String(createTemplateVersion(engine, template, request).version),
  );
  const now = findTemplate(engine, { id: template.templateId });
  return { launchTemplateVersion: versionView(now, findVersion(engine, now, version)) };
};

const DescribeLaunchTemplates: Operation = (input, { engine }) => {
  const named = [
    ...input.list('LaunchTemplateId').map((id) => findTemplate(engine, { id })),
    ...input.list('LaunchTemplateName').map((name) => findTemplate(engine, { name })),
  ];
  const all = input.has('LaunchTemplateId') || input.has('LaunchTemplateName');
  const found = filtered(input, all ? named : launchTemplates(engine).all(), {
    'launch-template-name': (t) => t.templateName,
    'create-time': (t) => new Date(t.createdAt).toISOString(),
  });
  const { items, nextToken } = page(input, found, (t) => t.templateId);
  return { launchTemplates: items.map(templateView), nextToken };
};

const ModifyLaunchTemplate: Operation = (input, { engine }) => {
  const template = findTemplate(engine, templateReference(input));
  const version = input.text('SetDefaultVersion');
  return {
    launchTemplate: templateView(
      version === undefined ? template : setDefaultVersion(engine, template, version),
    ),
  };
};

const DeleteLaunchTemplate: Operation = (input, { engine }) => ({
  launchTemplate: templateView(deleteTemplate(engine, templateReference(input))),
});

const GetLaunchTemplateData: Operation = (input, { engine }) => ({
  launchTemplateData: writeMembers(
    LAUNCH_TEMPLATE_DATA,
    templateDataOf(findInstance(engine, input.require('InstanceId'))),
  ),
});

export const templateOperations: Record<string, Operation> = {
  CreateLaunchTemplate,
  CreateLaunchTemplateVersion,
  DescribeLaunchTemplates,
  ModifyLaunchTemplate,
  DeleteLaunchTemplate,
  GetLaunchTemplateData,
};
