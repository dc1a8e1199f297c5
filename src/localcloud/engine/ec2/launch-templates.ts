import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { LaunchTemplateData } from './launch-template-data.ts';
import { findResource, type Tags } from './resources.ts';

export type { LaunchTemplateData } from './launch-template-data.ts';
export { launchSpecOf } from './template-launch.ts';

export interface LaunchTemplateRecord {
  templateId: string;
  templateName: string;
  defaultVersion: number;
  /** The greatest number that still exists. */
  latestVersion: number;
  /** Numbers are never given twice. */
  nextVersion: number;
  createdAt: number;
  createdBy: string;
  tags: Tags;
}

export interface TemplateVersionRecord {
  templateId: string;
  version: number;
  description?: string;
  createdAt: number;
  createdBy: string;
  data: LaunchTemplateData;
}

export const launchTemplates = (engine: Engine) =>
  engine.store.table<LaunchTemplateRecord>('launchTemplates');

/** Keyed `lt-…/number`. */
export const templateVersions = (engine: Engine) =>
  engine.store.table<TemplateVersionRecord>('launchTemplateVersions');

export interface ResolvedTemplate {
  templateId: string;
  templateName: string;
  version: number;
  data: LaunchTemplateData;
}

/**
 * The template's version that `$Latest`, `$Default` or a number names. Throws InvalidLaunchTemplateId.NotFound,
 * InvalidLaunchTemplateName.NotFoundException, InvalidLaunchTemplateId.VersionNotFound.
 */
export function resolveTemplate(
  engine: Engine,
  reference: { id?: string; name?: string; version?: string },
): ResolvedTemplate {
  const template = findTemplate(engine, reference);
  const { version, data } = findVersion(engine, template, reference.version ?? '$Default');
  return { templateId: template.templateId, templateName: template.templateName, version, data };
}

/** By id or by name; exactly one of them. */
export function findTemplate(engine: Engine, { id, name }: { id?: string; name?: string }) {
  if ((id === undefined) === (name === undefined)) {
    throw new ServiceError(
      id === undefined ? 'MissingParameter' : 'InvalidParameterCombination',
      'Specify either the ID or the name of the launch template, not both.',
    );
  }
  if (id !== undefined) return findResource<LaunchTemplateRecord>(engine, 'lt', id);
  const found = launchTemplates(engine).filter((template) => template.templateName === name)[0];
  if (!found) {
    throw new ServiceError(
      'InvalidLaunchTemplateName.NotFoundException',
      `The specified launch template, with template name ${name}, does not exist.`,
    );
  }
  return found;
}

/** `$Latest`, `$Default` or a number. */
export function findVersion(
  engine: Engine,
  template: LaunchTemplateRecord,
  version: string,
): TemplateVersionRecord {
  const number =
    version === '$Latest'
      ? template.latestVersion
      : version === '$Default'
        ? template.defaultVersion
        : version;
  const found = templateVersions(engine).get(`${template.templateId}/${number}`);
  if (!found) throw versionNotFound(template.templateId, version);
  return found;
}

export const versionNotFound = (templateId: string, version: string) =>
  new ServiceError(
    'InvalidLaunchTemplateId.VersionNotFound',
    `Could not find the specified version ${version} for the launch template with ID ${templateId}.`,
  );
