import {
  addEcsVersion,
  createEcsTemplate,
  type EcsTemplate,
  ecsTemplates,
  ecsTemplateVersions,
  findEcsTemplate,
  findEcsVersion,
  removeEcsVersion,
  versionsOf,
} from '../../../engine/ecs/templates.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { carries, pageOf, tagsOf, tagViews, utc } from './input.ts';
import { launchFields, templateDataView } from './launch-fields.ts';

const templateOf = (engine: Engine, input: Input): EcsTemplate =>
  findEcsTemplate(engine, { id: input.text('LaunchTemplateId'), name: input.text('LaunchTemplateName') });

function descriptionOf(input: Input): string {
  const description = input.text('VersionDescription') ?? '';
  if (description === '' || (description.length >= 2 && description.length <= 256)) return description;
  throw new ServiceError(
    'InvalidDescription.Malformed',
    'The specified version description must have 2 to 256 characters.',
  );
}

/** A version reads its instances' tags from `Tag`, the template its own from `TemplateTag`. */
const CreateLaunchTemplate: Operation = (input, { engine }) => {
  const template = createEcsTemplate(engine, {
    name: input.require('LaunchTemplateName'),
    description: descriptionOf(input),
    fields: launchFields(input),
    tags: tagsOf(input, 'TemplateTag'),
  });
  return { LaunchTemplateId: template.templateId, LaunchTemplateVersionNumber: 1 };
};

const CreateLaunchTemplateVersion: Operation = (input, { engine }) => {
  const { templateId } = templateOf(engine, input);
  const { version } = addEcsVersion(engine, templateId, {
    description: descriptionOf(input),
    fields: launchFields(input),
  });
  return { LaunchTemplateId: templateId, LaunchTemplateVersionNumber: version };
};

const DescribeLaunchTemplates: Operation = (input, { engine }) => {
  const ids = input.list('LaunchTemplateId');
  const names = input.list('LaunchTemplateName');
  const found = ecsTemplates(engine).filter(
    ({ templateId, name, tags }) =>
      (ids.length === 0 || ids.includes(templateId)) &&
      (names.length === 0 || names.includes(name)) &&
      carries(tags, input),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    LaunchTemplateSets: {
      LaunchTemplateSet: items.map((template) => ({
        LaunchTemplateId: template.templateId,
        LaunchTemplateName: template.name,
        DefaultVersionNumber: template.defaultVersion,
        LatestVersionNumber: template.latestVersion,
        CreateTime: utc(template.createdAt),
        ModifiedTime: utc(template.createdAt),
        Tags: tagViews(template.tags),
      })),
    },
  };
};

const DescribeLaunchTemplateVersions: Operation = (input, { engine }) => {
  const template = templateOf(engine, input);
  const asked = input.list('LaunchTemplateVersion');
  const found =
    asked.length > 0
      ? asked.map((version) => findEcsVersion(engine, template, version))
      : versionsOf(engine, template.templateId).reverse();
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    LaunchTemplateVersionSets: {
      LaunchTemplateVersionSet: items.map(({ version, description, createdAt, fields }) => ({
        LaunchTemplateId: template.templateId,
        LaunchTemplateName: template.name,
        VersionNumber: version,
        VersionDescription: description,
        DefaultVersion: version === template.defaultVersion,
        CreateTime: utc(createdAt),
        LaunchTemplateData: templateDataView(fields),
      })),
    },
  };
};

const ModifyLaunchTemplateDefaultVersion: Operation = (input, { engine }) => {
  const template = templateOf(engine, input);
  const { version } = findEcsVersion(engine, template, input.require('DefaultVersionNumber'));
  ecsTemplates(engine).patch(template.templateId, { defaultVersion: version });
  return {};
};

const DeleteLaunchTemplateVersion: Operation = (input, { engine }) => {
  const template = templateOf(engine, input);
  for (const version of input.list('DeleteVersion')) removeEcsVersion(engine, template, version);
  return {};
};

const DeleteLaunchTemplate: Operation = (input, { engine }) => {
  const { templateId } = templateOf(engine, input);
  for (const { version } of versionsOf(engine, templateId))
    ecsTemplateVersions(engine).delete(`${templateId}/${version}`);
  ecsTemplates(engine).delete(templateId);
  return {};
};

export const templateOperations: Record<string, Operation> = {
  CreateLaunchTemplate,
  CreateLaunchTemplateVersion,
  DescribeLaunchTemplates,
  DescribeLaunchTemplateVersions,
  ModifyLaunchTemplateDefaultVersion,
  DeleteLaunchTemplateVersion,
  DeleteLaunchTemplate,
};
