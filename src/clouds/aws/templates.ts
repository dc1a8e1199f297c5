import {
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DeleteLaunchTemplateCommand,
  DescribeLaunchTemplatesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  type LaunchTemplate as Ec2LaunchTemplate,
  type LaunchTemplateVersion as Ec2LaunchTemplateVersion,
  paginateDescribeLaunchTemplateVersions,
} from '@aws-sdk/client-ec2';
import type { LaunchTemplate, LaunchTemplates, LaunchTemplateVersion } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { tagList, tagRecord } from './describe.ts';
import { failedWith } from './errors.ts';
import { versionKey } from './group-template.ts';
import { decodeLaunchData, encodeLaunchData } from './launch-data.ts';

const UNKNOWN = [
  'InvalidLaunchTemplateId.NotFound',
  'InvalidLaunchTemplateId.NotFoundException',
  'InvalidLaunchTemplateId.VersionNotFound',
];
const UNKNOWN_NAME = ['InvalidLaunchTemplateName.NotFound', 'InvalidLaunchTemplateName.NotFoundException'];
/** AWS: VersionDescription. */
const LONGEST_DESCRIPTION = 255;

/** EC2 launch templates and their versions. */
export function templates(aws: Connection): LaunchTemplates {
  const ec2 = aws.client(EC2Client);

  async function readVersion(
    templateId: string,
    version: number,
  ): Promise<Ec2LaunchTemplateVersion | undefined> {
    const command = new DescribeLaunchTemplateVersionsCommand({
      LaunchTemplateId: templateId,
      Versions: [String(version)],
    });
    try {
      const answer = await aws.whileUnknown(versionKey(templateId, version), UNKNOWN, () =>
        ec2.send(command),
      );
      return answer.LaunchTemplateVersions?.[0];
    } catch (error) {
      if (failedWith(error, ...UNKNOWN)) return undefined;
      throw error;
    }
  }

  return {
    async findByName(name) {
      try {
        const command = new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [name] });
        const { LaunchTemplates: found = [] } = await ec2.send(command);
        return found[0] && toTemplate(found[0]);
      } catch (error) {
        if (failedWith(error, ...UNKNOWN_NAME)) return undefined;
        throw error;
      }
    },

    async create({ token, name, description, settings, tags }) {
      const command = new CreateLaunchTemplateCommand({
        ClientToken: token,
        LaunchTemplateName: name,
        VersionDescription: description.slice(0, LONGEST_DESCRIPTION),
        LaunchTemplateData: encodeLaunchData(settings),
        TagSpecifications: [{ ResourceType: 'launch-template', Tags: tagList(tags) }],
      });
      const created = toTemplate((await ec2.send(command)).LaunchTemplate!);
      aws.made(created.id);
      aws.made(versionKey(created.id, 1));
      return created;
    },

    async createVersion({ token, templateId, source, description, settings }) {
      const from = source === undefined ? undefined : await readVersion(templateId, source);
      const command = new CreateLaunchTemplateVersionCommand({
        ClientToken: token,
        LaunchTemplateId: templateId,
        SourceVersion: source === undefined ? undefined : String(source),
        VersionDescription: description.slice(0, LONGEST_DESCRIPTION),
        LaunchTemplateData: encodeLaunchData(settings, from?.LaunchTemplateData),
      });
      const answer = await aws.whileUnknown(templateId, UNKNOWN, () => ec2.send(command));
      const version = Number(answer.LaunchTemplateVersion!.VersionNumber);
      aws.made(versionKey(templateId, version));
      return version;
    },

    async findVersion(templateId, version) {
      const found = await readVersion(templateId, version);
      return found && toVersion(found);
    },

    async versions(templateId) {
      const list = async () => {
        const found: LaunchTemplateVersion[] = [];
        const pages = paginateDescribeLaunchTemplateVersions(
          { client: ec2 },
          { LaunchTemplateId: templateId },
        );
        for await (const page of pages) found.push(...(page.LaunchTemplateVersions ?? []).map(toVersion));
        return found.sort((a, b) => b.version - a.version);
      };
      return aws.whileUnknown(templateId, UNKNOWN, list);
    },

    async current() {
      const found = [];
      // AWS: without a template, these two are the versions that can be asked for.
      const pages = paginateDescribeLaunchTemplateVersions(
        { client: ec2 },
        { Versions: ['$Default', '$Latest'] },
      );
      for await (const { LaunchTemplateVersions = [] } of pages) {
        for (const { LaunchTemplateName, VersionNumber, LaunchTemplateData } of LaunchTemplateVersions) {
          const imageId = LaunchTemplateData?.ImageId ?? '';
          found.push({ template: LaunchTemplateName!, version: Number(VersionNumber), imageId });
        }
      }
      return found;
    },

    async remove(templateId) {
      try {
        await ec2.send(new DeleteLaunchTemplateCommand({ LaunchTemplateId: templateId }));
      } catch (error) {
        if (!failedWith(error, ...UNKNOWN)) throw error;
      }
      aws.gone(templateId);
    },
  };
}

const toTemplate = (template: Ec2LaunchTemplate): LaunchTemplate => ({
  id: template.LaunchTemplateId!,
  name: template.LaunchTemplateName!,
  defaultVersion: Number(template.DefaultVersionNumber),
  latestVersion: Number(template.LatestVersionNumber),
  tags: tagRecord(template.Tags),
});

const toVersion = (version: Ec2LaunchTemplateVersion): LaunchTemplateVersion => ({
  version: Number(version.VersionNumber),
  description: version.VersionDescription ?? '',
  createdAt: version.CreateTime?.getTime() ?? 0,
  settings: decodeLaunchData(version.LaunchTemplateData ?? {}),
});
