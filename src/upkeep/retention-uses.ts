import type { Cloud, Image, ScalingGroup } from '../clouds/cloud.ts';
import { verifiedOf } from '../fleet/verified.ts';
import { formatDuration } from '../run/format.ts';

/**
 * Who uses images, by image id: instances; launch template versions that are `$Default` or `$Latest`; and those that a group of this
 * account runs or could go back to (its own, those of its instances, the last verified one, the one before each of these, and those
 * that were verified before). Both colours of a fleet are groups of the account.
 * AWS cannot tell who uses an image in another account: see `launchedLately`.
 */
export async function usesOf(cloud: Cloud, imageIds: string[]): Promise<Map<string, string>> {
  if (imageIds.length === 0) return new Map();
  const [instances, current, groups] = await Promise.all([
    cloud.instances.findByImages(imageIds),
    cloud.templates.current(),
    cloud.groups.list(),
  ]);
  const ofGroups = await Promise.all(groups.map((group) => usesOfGroup(cloud, group)));
  return new Map([
    ...instances.map(({ id, imageId }) => [imageId, `instance ${id} runs it`] as const),
    ...current.map(
      ({ template, version, imageId }) =>
        [imageId, `it is in launch template ${template}, version ${version} (default or latest)`] as const,
    ),
    ...ofGroups.flat(),
  ]);
}

/** How many releases verified before the last one stay, however few images are kept: a rollback, and one more. */
const WAYS_BACK = 2;

async function usesOfGroup(cloud: Cloud, group: ScalingGroup): Promise<[string, string][]> {
  const { id, version } = group.template;
  if (id === '') return [];
  const verified = verifiedOf(group.tags);
  const running = group.instances.flatMap(({ templateVersion = 0 }) => templateVersion);
  const own = typeof version === 'number' ? version : 0;
  const versions = await cloud.templates.versions(id);
  const wanted = withPrevious(
    [own, verified?.version ?? 0, ...running],
    versions.map((known) => known.version),
  );
  // The way back of a verified release is the one that was verified before it, whatever was tried in between.
  for (const version of verified?.before.slice(0, WAYS_BACK) ?? []) wanted.add(version);
  return versions
    .filter((known) => wanted.has(known.version))
    .map((known) => [
      known.settings.imageId,
      `group ${group.name} runs launch template version ${known.version}, or could go back to it`,
    ]);
}

/** These versions, and of each the newest one before it. */
function withPrevious(wanted: number[], existing: number[]): Set<number> {
  const previous = wanted.map((version) => Math.max(...existing.filter((other) => other < version)));
  return new Set([...wanted, ...previous]);
}

/** How long after its last launch a shared image counts as used by somebody elsewhere. Milliseconds. */
const LATELY = 30 * 86_400_000;

/** For images that are shared: whether anybody, in whatever account, launched from it lately. */
export function launchedLately({ lastLaunchedAt }: Image, now: number): string | undefined {
  if (lastLaunchedAt === undefined || now - lastLaunchedAt > LATELY) return undefined;
  return `it is shared, and was launched ${formatDuration(now - lastLaunchedAt)} ago`;
}
