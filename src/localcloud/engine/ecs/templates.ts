import type { Tags } from '../ec2/resources.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { LaunchFields } from './launch.ts';

export interface EcsTemplate {
  templateId: string;
  name: string;
  defaultVersion: number;
  latestVersion: number;
  createdAt: number;
  tags: Tags;
}

export interface EcsTemplateVersion {
  templateId: string;
  version: number;
  description: string;
  createdAt: number;
  fields: LaunchFields;
}

export const ecsTemplates = (engine: Engine) => engine.store.table<EcsTemplate>('ecsTemplates');

/** Keyed `lt-…/number`. */
export const ecsTemplateVersions = (engine: Engine) =>
  engine.store.table<EcsTemplateVersion>('ecsTemplateVersions');

/** ECS: versions of one launch template. */
const MOST_VERSIONS = 30;

/** Oldest first. */
export const versionsOf = (engine: Engine, templateId: string): EcsTemplateVersion[] =>
  ecsTemplateVersions(engine)
    .filter((version) => version.templateId === templateId)
    .sort((a, b) => a.version - b.version);

/** Throws InvalidLaunchTemplate.NotFound. */
export function findEcsTemplate(engine: Engine, { id, name }: { id?: string; name?: string }): EcsTemplate {
  const found =
    id === undefined
      ? ecsTemplates(engine).filter((template) => template.name === name)[0]
      : ecsTemplates(engine).get(id);
  if (found) return found;
  throw new ServiceError(
    'InvalidLaunchTemplate.NotFound',
    `The specified launch template ${id ?? name} does not exist.`,
    404,
  );
}

/** `Latest`, `Default` (as without one) or a number. Throws InvalidLaunchTemplateVersion.NotFound. */
export function findEcsVersion(
  engine: Engine,
  template: EcsTemplate,
  version: string | undefined,
): EcsTemplateVersion {
  const number =
    version === undefined || version === 'Default'
      ? template.defaultVersion
      : version === 'Latest'
        ? template.latestVersion
        : version;
  const found = ecsTemplateVersions(engine).get(`${template.templateId}/${number}`);
  if (found) return found;
  throw new ServiceError(
    'InvalidLaunchTemplateVersion.NotFound',
    `The specified version ${version} of launch template ${template.templateId} does not exist.`,
    404,
  );
}

/** With its version 1. Throws InvalidLaunchTemplateName.Duplicate. */
export function createEcsTemplate(
  engine: Engine,
  request: { name: string; description: string; fields: LaunchFields; tags: Tags },
): EcsTemplate {
  if (ecsTemplates(engine).filter(({ name }) => name === request.name).length > 0)
    throw new ServiceError(
      'LaunchTemplateName.Duplicated',
      `The specified launch template name ${request.name} already exists.`,
    );
  const templateId = engine.ids.resource('lt');
  const now = engine.clock.now();
  const { name, tags } = request;
  ecsTemplates(engine).put(templateId, {
    templateId,
    name,
    defaultVersion: 1,
    latestVersion: 0,
    createdAt: now,
    tags,
  });
  addEcsVersion(engine, templateId, request);
  return findEcsTemplate(engine, { id: templateId });
}

/** A version holds what it is given and nothing of the version before. Throws LaunchTemplateVersionLimitExceed. */
export function addEcsVersion(
  engine: Engine,
  templateId: string,
  { description, fields }: { description: string; fields: LaunchFields },
): EcsTemplateVersion {
  const { latestVersion } = findEcsTemplate(engine, { id: templateId });
  if (versionsOf(engine, templateId).length >= MOST_VERSIONS)
    throw new ServiceError(
      'LaunchTemplateVersionLimitExceed',
      `The number of versions of the launch template reached the limit of ${MOST_VERSIONS}.`,
    );
  const version = latestVersion + 1;
  ecsTemplates(engine).patch(templateId, { latestVersion: version });
  return ecsTemplateVersions(engine).put(`${templateId}/${version}`, {
    templateId,
    version,
    description,
    createdAt: engine.clock.now(),
    fields,
  });
}

/** Throws InvalidLaunchTemplateVersion.NotFound, and for the default version, which has to stay. */
export function removeEcsVersion(engine: Engine, template: EcsTemplate, version: string): void {
  const found = findEcsVersion(engine, template, version);
  if (found.version === template.defaultVersion)
    throw new ServiceError(
      'InvalidLaunchTemplateVersion.DeleteDefault',
      'The default version of a launch template cannot be deleted.',
      403,
    );
  ecsTemplateVersions(engine).delete(`${template.templateId}/${found.version}`);
}
