import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { findResource, type Tags } from './resources.ts';

/** A version's data, by the member names of the API (`RequestLaunchTemplateData`). Members that the engine does not act on are kept as they came. */
export interface LaunchTemplateData {
  ImageId?: string;
  InstanceType?: string;
  KeyName?: string;
  UserData?: string;
  EbsOptimized?: boolean;
  DisableApiTermination?: boolean;
  InstanceInitiatedShutdownBehavior?: string;
  SecurityGroupIds?: string[];
  SecurityGroups?: string[];
  IamInstanceProfile?: { Arn?: string; Name?: string };
  Monitoring?: { Enabled?: boolean };
  Placement?: { AvailabilityZone?: string };
  NetworkInterfaces?: { SubnetId?: string; Groups?: string[] }[];
  MetadataOptions?: {
    HttpTokens?: string;
    HttpPutResponseHopLimit?: number;
    HttpEndpoint?: string;
    InstanceMetadataTags?: string;
  };
  BlockDeviceMappings?: {
    DeviceName?: string;
    NoDevice?: string;
    Ebs?: {
      VolumeSize?: number;
      VolumeType?: string;
      Iops?: number;
      Throughput?: number;
      Encrypted?: boolean;
      KmsKeyId?: string;
      SnapshotId?: string;
      DeleteOnTermination?: boolean;
    };
  }[];
  TagSpecifications?: { ResourceType?: string; Tags?: { Key?: string; Value?: string }[] }[];
  [member: string]: unknown;
}

export interface LaunchTemplateRecord {
  templateId: string;
  templateName: string;
  defaultVersion: number;
  latestVersion: number;
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
        : Number(version);
  const found = templateVersions(engine).get(`${template.templateId}/${number}`);
  if (!found) {
    throw new ServiceError(
      'InvalidLaunchTemplateId.VersionNotFound',
      `Could not find the specified version ${version} for the launch template with ID ${template.templateId}.`,
    );
  }
  return found;
}

/** What a template's data (with a request's own fields already on top) launches. Throws MissingParameter without an image. */
export function launchSpecOf(engine: Engine, data: LaunchTemplateData): LaunchSpec {
  throw new Error(`${engine.region} ${data.ImageId}`);
}
