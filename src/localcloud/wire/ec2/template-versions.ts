import { isFound } from '../../engine/ec2/consistency.ts';
import {
  findTemplate,
  findVersion,
  type LaunchTemplateRecord,
  launchTemplates,
  type TemplateVersionRecord,
  templateVersions,
  versionNotFound,
} from '../../engine/ec2/launch-templates.ts';
import { deleteTemplateVersion, versionsOf } from '../../engine/ec2/template-changes.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { TEMPLATE_VERSION_FILTERS } from './filter-names.ts';
import { type FilterFields, filtered } from './filters.ts';
import { LAUNCH_TEMPLATE_DATA } from './launch-members.ts';
import { writeMembers } from './members.ts';
import { page } from './paging.ts';
import { viewFields } from './view-fields.ts';

export const versionView = (template: LaunchTemplateRecord, version: TemplateVersionRecord) => ({
  launchTemplateId: template.templateId,
  launchTemplateName: template.templateName,
  versionNumber: version.version,
  versionDescription: version.description,
  createTime: new Date(version.createdAt),
  createdBy: version.createdBy,
  defaultVersion: version.version === template.defaultVersion,
  launchTemplateData: writeMembers(LAUNCH_TEMPLATE_DATA, version.data),
});

interface Listed {
  template: LaunchTemplateRecord;
  version: TemplateVersionRecord;
}

const fields: FilterFields<Listed> = {
  'is-default-version': ({ template, version }) => version.version === template.defaultVersion,
  'create-time': ({ version }) => new Date(version.createdAt).toISOString(),
  'image-id': ({ version }) => version.data.ImageId,
  'instance-type': ({ version }) => version.data.InstanceType,
  'ebs-optimized': ({ version }) => version.data.EbsOptimized,
  'iam-instance-profile': ({ version }) =>
    version.data.IamInstanceProfile?.Arn ?? version.data.IamInstanceProfile?.Name,
  ...viewFields<Listed>(TEMPLATE_VERSION_FILTERS, ({ version }) => {
    const data = writeMembers(LAUNCH_TEMPLATE_DATA, version.data);
    const within = (name: string) => data[name] as object | undefined;
    return { ...data, ...within('metadataOptions'), ...within('placement') };
  }),
};

const DescribeLaunchTemplateVersions: Operation = (input, { engine }) => {
  const found = filtered(input, listed(engine, input), fields);
  const { items, nextToken } = page(
    input,
    found,
    ({ version }) => `${version.templateId}/${version.version}`,
  );
  return {
    launchTemplateVersionSet: items.map(({ template, version }) => versionView(template, version)),
    nextToken,
  };
};

/** Newest first. Without a template: the latest or the default versions of all of them. */
function listed(engine: Engine, input: Input): Listed[] {
  const asked = input.list('LaunchTemplateVersion');
  const id = input.text('LaunchTemplateId');
  const name = input.text('LaunchTemplateName');
  if (id === undefined && name === undefined) {
    if (asked.length === 0 || asked.some((version) => version !== '$Latest' && version !== '$Default')) {
      throw new ServiceError(
        'MissingParameter',
        'Specify a launch template ID or name; only $Latest and $Default can be asked of all templates.',
      );
    }
    return launchTemplates(engine)
      .all()
      .flatMap((template) => named(engine, template, asked));
  }
  const template = findTemplate(engine, { id, name });
  if (asked.length > 0) return named(engine, template, asked);
  const bound = (parameter: string) => {
    const version = input.text(parameter);
    return version === undefined ? undefined : findNumber(template, version);
  };
  const [least, most] = [bound('MinVersion'), bound('MaxVersion')];
  return visibleVersions(engine, template)
    .filter(({ version }) => version >= (least ?? 1) && version <= (most ?? template.latestVersion))
    .reverse()
    .map((version) => ({ template, version }));
}

/** Oldest first. */
const visibleVersions = (engine: Engine, template: LaunchTemplateRecord) =>
  versionsOf(engine, template.templateId).filter(({ createdAt }) => isFound(engine, createdAt));

/** Two names for one version give it once. */
function named(engine: Engine, template: LaunchTemplateRecord, asked: string[]): Listed[] {
  const visible = visibleVersions(engine, template).map(({ version }) => version);
  const found = asked.map((version) => {
    // While the newest one is not found yet, `$Latest` means the one before.
    const number = version === '$Latest' ? String(visible.at(-1) ?? version) : version;
    const { version: known } = findVersion(engine, template, number);
    if (visible.includes(known)) return known;
    throw versionNotFound(template.templateId, version);
  });
  return [...new Set(found)].map((number) => ({
    template,
    version: templateVersions(engine).get(`${template.templateId}/${number}`) as TemplateVersionRecord,
  }));
}

function findNumber(template: LaunchTemplateRecord, version: string): number {
  if (version === '$Latest') return template.latestVersion;
  if (version === '$Default') return template.defaultVersion;
  if (!/^\d+$/.test(version)) {
    throw new ServiceError('InvalidParameterValue', `Value (${version}) for a version is invalid.`);
  }
  return Number(version);
}

/** The codes of `LaunchTemplateErrorCode`; the operation itself succeeds. */
const DeleteLaunchTemplateVersions: Operation = (input, { engine }) => {
  const { templateId, templateName } = findTemplate(engine, {
    id: input.text('LaunchTemplateId'),
    name: input.text('LaunchTemplateName'),
  });
  const answer = { done: [] as unknown[], failed: [] as unknown[] };
  for (const version of input.list('LaunchTemplateVersion')) {
    const item = {
      launchTemplateId: templateId,
      launchTemplateName: templateName,
      versionNumber: Number(version) || 0,
    };
    try {
      deleteTemplateVersion(engine, templateId, version);
      answer.done.push(item);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const code = error.code.endsWith('VersionNotFound') ? 'launchTemplateVersionDoesNotExist' : error.code;
      answer.failed.push({ ...item, responseError: { code, message: error.message } });
    }
  }
  return {
    successfullyDeletedLaunchTemplateVersionSet: answer.done,
    unsuccessfullyDeletedLaunchTemplateVersionSet: answer.failed,
  };
};

export const templateVersionOperations: Record<string, Operation> = {
  DescribeLaunchTemplateVersions,
  DeleteLaunchTemplateVersions,
};
