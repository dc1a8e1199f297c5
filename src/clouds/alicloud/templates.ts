import type { LaunchTemplate, LaunchTemplates, LaunchTemplateVersion } from '../cloud.ts';
import type { Connection, Parameter } from './connection.ts';
import { failedWith, isNotFound } from './errors.ts';
import { carriedOver, decodeLaunchData, encodeLaunchData, type WireLaunchData } from './launch-data.ts';
import { tagList, tagRecord, type WireTags } from './tags.ts';

/** ECS: versions of one template; and how many are left when the oldest make room. */
const MOST_VERSIONS = 30;
const KEPT = 25;
const PAGE = 50;
/** ECS: VersionDescription. */
const LONGEST_DESCRIPTION = 256;

interface WireTemplate {
  LaunchTemplateId: string;
  LaunchTemplateName: string;
  DefaultVersionNumber: number;
  LatestVersionNumber: number;
  Tags?: WireTags;
}

interface WireVersion {
  VersionNumber: number;
  VersionDescription?: string;
  CreateTime?: string;
  LaunchTemplateData?: WireLaunchData;
}

/** ECS launch templates. None of the creating calls takes a token: what became of one whose answer was lost is looked up. */
export function templates(
  ali: Connection,
): LaunchTemplates & { list(ids: string[]): Promise<LaunchTemplate[]> } {
  const list = (query: { [name: string]: Parameter }): Promise<WireTemplate[]> =>
    ali.pages(
      'ecs',
      'DescribeLaunchTemplates',
      query,
      (answer: { LaunchTemplateSets?: { LaunchTemplateSet?: WireTemplate[] } }) =>
        answer.LaunchTemplateSets?.LaunchTemplateSet,
      PAGE,
    );

  const versionsOf = (LaunchTemplateId: string, versions?: string[]): Promise<WireVersion[]> =>
    ali.pages(
      'ecs',
      'DescribeLaunchTemplateVersions',
      { LaunchTemplateId, LaunchTemplateVersion: versions },
      (answer: { LaunchTemplateVersionSets?: { LaunchTemplateVersionSet?: WireVersion[] } }) =>
        answer.LaunchTemplateVersionSets?.LaunchTemplateVersionSet,
      PAGE,
    );

  async function readVersion(templateId: string, version: number): Promise<WireVersion | undefined> {
    try {
      return (await versionsOf(templateId, [String(version)]))[0];
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async function findByName(name: string): Promise<LaunchTemplate | undefined> {
    const [found] = await list({ LaunchTemplateName: [name] });
    return found && toTemplate(found);
  }

  /** The oldest versions but the default make room, for there may be thirty. */
  async function makeRoom(templateId: string): Promise<void> {
    const all = await versionsOf(templateId);
    if (all.length < MOST_VERSIONS) return;
    const { DefaultVersionNumber } = (await list({ LaunchTemplateId: [templateId] }))[0]!;
    const oldest = all
      .map(({ VersionNumber }) => VersionNumber)
      .filter((version) => version !== DefaultVersionNumber)
      .sort((a, b) => a - b)
      .slice(0, all.length - KEPT);
    await ali.call('ecs', 'DeleteLaunchTemplateVersion', {
      LaunchTemplateId: templateId,
      DeleteVersion: oldest,
    });
  }

  return {
    list: async (ids) => (await list({ LaunchTemplateId: ids })).map(toTemplate),
    findByName,

    async create({ name, description, settings, tags }) {
      const query = {
        LaunchTemplateName: name,
        VersionDescription: described(description),
        TemplateTag: tagList(tags),
        ...encodeLaunchData(settings),
      };
      try {
        await ali.call('ecs', 'CreateLaunchTemplate', query);
      } catch (error) {
        // Our own, from a call whose answer was lost; another's would not have been asked to be created.
        if (!failedWith(error, 'LaunchTemplateName.Duplicated')) throw error;
      }
      return (await findByName(name))!;
    },

    async createVersion({ token, templateId, source, description, settings }) {
      const from = source === undefined ? undefined : await readVersion(templateId, source);
      const text = marked(description, token);
      const known = async () =>
        (await versionsOf(templateId)).find(({ VersionDescription }) => VersionDescription === text);
      await makeRoom(templateId);
      const query = {
        LaunchTemplateId: templateId,
        VersionDescription: text,
        ...(from && carriedOver(from.LaunchTemplateData ?? {})),
        ...encodeLaunchData(settings),
      };
      const create = async () => {
        const made = await known();
        if (made) return made.VersionNumber;
        const answer = await ali.call<{ LaunchTemplateVersionNumber: number }>(
          'ecs',
          'CreateLaunchTemplateVersion',
          query,
          { again: 'throttled' },
        );
        return answer.LaunchTemplateVersionNumber;
      };
      return ali.again(
        create,
        (error) => (error as { status?: number }).status === 0 || isServerError(error),
      );
    },

    async findVersion(templateId, version) {
      const found = await readVersion(templateId, version);
      return found && toVersion(found);
    },

    async versions(templateId) {
      return (await versionsOf(templateId)).map(toVersion).sort((a, b) => b.version - a.version);
    },

    async current() {
      const all = await list({});
      const read = async (template: WireTemplate) => {
        const wanted = new Set([template.DefaultVersionNumber, template.LatestVersionNumber]);
        const versions = await versionsOf(template.LaunchTemplateId, [...wanted].map(String));
        return versions.map(({ VersionNumber, LaunchTemplateData }) => ({
          template: template.LaunchTemplateName,
          version: VersionNumber,
          imageId: LaunchTemplateData?.ImageId ?? '',
        }));
      };
      return (await Promise.all(all.map(read))).flat();
    },

    async remove(LaunchTemplateId) {
      try {
        await ali.call('ecs', 'DeleteLaunchTemplate', { LaunchTemplateId });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

const isServerError = (error: unknown) => ((error as { status?: number }).status ?? 0) >= 500;

const described = (text: string) => text.slice(0, LONGEST_DESCRIPTION) || undefined;

/** The end of a description tells whose call made the version: there is no token that would. */
function marked(description: string, token: string): string {
  const mark = ` · ${token}`;
  return `${description.slice(0, LONGEST_DESCRIPTION - mark.length)}${mark}`;
}

const toTemplate = (template: WireTemplate): LaunchTemplate => ({
  id: template.LaunchTemplateId,
  name: template.LaunchTemplateName,
  defaultVersion: template.DefaultVersionNumber,
  latestVersion: template.LatestVersionNumber,
  tags: tagRecord(template.Tags),
});

const toVersion = (version: WireVersion): LaunchTemplateVersion => ({
  version: version.VersionNumber,
  description: (version.VersionDescription ?? '').replace(/ · \d{8}-\d{6}-[0-9a-f]+-version$/, ''),
  createdAt: Date.parse(version.CreateTime ?? '') || 0,
  settings: decodeLaunchData(version.LaunchTemplateData ?? {}),
});
