import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { LaunchTemplateData } from './launch-template-data.ts';
import {
  findTemplate,
  findVersion,
  type LaunchTemplateRecord,
  launchTemplates,
  type TemplateVersionRecord,
  templateVersions,
} from './launch-templates.ts';
import type { Tags } from './resources.ts';

/** A template with its version 1. Throws InvalidLaunchTemplateName.AlreadyExistsException, .MalformedException. */
export function createTemplate(
  engine: Engine,
  request: {
    name: string;
    description?: string;
    data: LaunchTemplateData;
    tags: Tags;
    createdBy: string;
  },
): LaunchTemplateRecord {
  if (!/^[A-Za-z0-9().\-/_]{3,128}$/.test(request.name)) {
    throw new ServiceError(
      'InvalidLaunchTemplateName.MalformedException',
      'A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.',
    );
  }
  if (launchTemplates(engine).filter(({ templateName }) => templateName === request.name).length > 0) {
    throw new ServiceError(
      'InvalidLaunchTemplateName.AlreadyExistsException',
      'Launch template name already in use.',
    );
  }
  const templateId = engine.ids.resource('lt');
  launchTemplates(engine).put(templateId, {
    templateId,
    templateName: request.name,
    defaultVersion: 1,
    latestVersion: 0,
    nextVersion: 1,
    createdAt: engine.clock.now(),
    createdBy: request.createdBy,
    tags: request.tags,
  });
  addVersion(engine, templateId, request);
  return launchTemplates(engine).get(templateId) as LaunchTemplateRecord;
}

/**
 * A new version; with a source version, its data with the members given put in place of the source's (a member is
 * replaced as a whole). Throws InvalidLaunchTemplateId.VersionNotFound for an unknown source.
 */
export function createTemplateVersion(
  engine: Engine,
  template: LaunchTemplateRecord,
  request: { sourceVersion?: string; description?: string; data: LaunchTemplateData; createdBy: string },
): TemplateVersionRecord {
  const source =
    request.sourceVersion === undefined ? {} : findVersion(engine, template, request.sourceVersion).data;
  return addVersion(engine, template.templateId, { ...request, data: { ...source, ...request.data } });
}

function addVersion(
  engine: Engine,
  templateId: string,
  { description, data, createdBy }: { description?: string; data: LaunchTemplateData; createdBy: string },
): TemplateVersionRecord {
  const { nextVersion: version } = launchTemplates(engine).get(templateId) as LaunchTemplateRecord;
  launchTemplates(engine).patch(templateId, { latestVersion: version, nextVersion: version + 1 });
  return templateVersions(engine).put(`${templateId}/${version}`, {
    templateId,
    version,
    description,
    createdAt: engine.clock.now(),
    createdBy,
    data,
  });
}

/** Throws InvalidLaunchTemplateId.VersionNotFound. */
export function setDefaultVersion(
  engine: Engine,
  template: LaunchTemplateRecord,
  version: string,
): LaunchTemplateRecord {
  return launchTemplates(engine).patch(template.templateId, {
    defaultVersion: findVersion(engine, template, version).version,
  });
}

/** All versions go with it. */
export function deleteTemplate(
  engine: Engine,
  reference: { id?: string; name?: string },
): LaunchTemplateRecord {
  const template = findTemplate(engine, reference);
  for (const { version } of versionsOf(engine, template.templateId)) {
    templateVersions(engine).delete(`${template.templateId}/${version}`);
  }
  launchTemplates(engine).delete(template.templateId);
  return template;
}

/** Oldest first. */
export const versionsOf = (engine: Engine, templateId: string) =>
  templateVersions(engine).filter((version) => version.templateId === templateId);

/** Deletes one version. Throws for the default one and for one that is not there. */
export function deleteTemplateVersion(engine: Engine, templateId: string, version: string): void {
  const template = findTemplate(engine, { id: templateId });
  const found = findVersion(engine, template, version);
  if (found.version === template.defaultVersion) {
    throw new ServiceError(
      'unexpectedError',
      `You cannot delete version ${found.version}: it is the default version of the launch template.`,
    );
  }
  templateVersions(engine).delete(`${templateId}/${found.version}`);
  const latestVersion = Math.max(...versionsOf(engine, templateId).map((left) => left.version));
  launchTemplates(engine).patch(templateId, { latestVersion });
}
