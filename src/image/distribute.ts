import { createHash } from 'node:crypto';
import type { Cloud, Image, Tags } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { BakeError, messageOf, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { ownTags, TAG } from '../run/tags.ts';
import { digest } from './fingerprints.ts';
import type { BuildJob } from './job.ts';
import { paceOf } from './pace.ts';
import { awaitImage, unfinishedUntil } from './snapshot.ts';

/** An image in the regions that have it. */
export type ImagesByRegion = Record<string, string>;

/** Refuses (exit code 2) before anything is built what AWS would refuse after all of it. */
export function checkDistribution(project: Project, homeRegion: string): void {
  const { distribute, builder, publish } = project.config.image;
  if (publish.family !== undefined && project.config.cloud !== 'alicloud')
    throw usageError(
      "image families (image.publish.family) are Alibaba Cloud's: AWS has none",
      'Name an SSM parameter in image.publish.parameter instead.',
    );
  const shared = distribute.accounts.length + distribute.organizations.length > 0;
  if (!shared || !builder.rootVolume.encrypted) return;
  const keyless = [homeRegion, ...distribute.regions].filter(
    (region) => keyFor(project, region, homeRegion) === undefined,
  );
  if (keyless.length === 0) return;
  throw usageError(
    `the image cannot be shared: in ${[...new Set(keyless)].join(', ')} it is encrypted with the account's default key, which nobody else can use`,
    'Name keys of your own in image.builder.rootVolume.kmsKey and image.distribute.kmsKeys, and share them with the same accounts.',
  );
}

function keyFor(project: Project, region: string, homeRegion: string): string | undefined {
  const { distribute, builder } = project.config.image;
  return region === homeRegion ? builder.rootVolume.kmsKey : distribute.kmsKeys[region];
}

/** Stands for the settings by which an image was distributed: a digest that has not changed means that nothing is left to do. */
export const distributionDigest = (project: Project): string => {
  const { distribute, publish } = project.config.image;
  return digest([distribute, publish]).slice(0, 16);
};

/**
 * Copies the image to all wanted regions at the same time. A region that fails does not stop the others, and what was copied stays:
 * the error names what failed, and another build finishes it. Copies that are there already are found by their name.
 */
export async function distribute(job: BuildJob, image: Image): Promise<ImagesByRegion> {
  const { cloud, project, steps } = job;
  const wanted = project.config.image.distribute.regions.filter((region) => region !== cloud.region);
  const made: ImagesByRegion = { [cloud.region]: image.id };
  if (wanted.length === 0) return made;
  return await steps.step('distribute', `Copy to ${count(wanted.length, 'region')}`, async (step) => {
    const board = new Map<string, string>();
    const ends = await Promise.allSettled(
      wanted.map(async (region) => {
        const tell = (state: string) => {
          board.set(region, state);
          step.progress([...board].map(([name, doing]) => `${name}: ${doing}`).join(' · '));
        };
        const copy = await copyTo(job, cloud.inRegion(region), image, tell);
        made[region] = copy;
        tell(copy);
      }),
    );
    const failures = ends.flatMap((end, index) =>
      end.status === 'rejected' ? [{ region: wanted[index]!, error: end.reason as unknown }] : [],
    );
    if (failures.length > 0) throw incomplete(image, failures, wanted.length);
    step.summary = wanted.map((region) => `${region} ${made[region]}`).join(', ');
    return made;
  });
}

async function copyTo(
  job: BuildJob,
  there: Cloud,
  image: Image,
  tell: (state: string) => void,
): Promise<string> {
  const existing = await usableCopy(job, there, image);
  const copyId = existing ?? (await startCopy(job, there, image));
  try {
    const pace = paceOf(job, 'image', 'distribute');
    await awaitImage({ ...job, cloud: there }, { progress: tell }, copyId, { pace });
  } catch (error) {
    // Of an interrupted build only what is whole stays.
    if (job.run.signal.aborted) await removeCopy(job, there, copyId, image.name);
    throw error;
  }
  return copyId;
}

/** Of an image that is no release after all: its copies go as well, whoever made them. */
export async function removeCopies(job: BuildJob, image: Image): Promise<void> {
  const { cloud, project } = job;
  const regions = project.config.image.distribute.regions.filter((region) => region !== cloud.region);
  await Promise.all(
    regions.map(async (region) => {
      const there = cloud.inRegion(region);
      const found = await there.images.findByName(image.name);
      if (found?.tags[TAG.sourceImage] === image.id) await removeCopy(job, there, found.id, image.name);
    }),
  );
}

/** The copy that an earlier try made, unless it failed or is one of another image: that one makes room. */
async function usableCopy(job: BuildJob, there: Cloud, image: Image): Promise<string | undefined> {
  const found = await there.images.findByName(image.name);
  if (!found) return undefined;
  const ours = found.tags[TAG.sourceImage] === image.id;
  if (ours && found.state !== 'failed') {
    // Left by another run: it is this run's now, which nobody may clean up after.
    if (!found.tags[TAG.published] && found.tags[TAG.run] !== job.run.id) {
      await there.images.setTags(found.id, {
        [TAG.run]: job.run.id,
        [TAG.expires]: unfinishedUntil(job.run),
      });
    }
    return found.id;
  }
  if (found.tags[TAG.project] !== job.project.config.project || found.tags[TAG.published]) {
    throw new BakeError(`the name ${image.name} belongs to another image in ${there.region}: ${found.id}`, {
      hint: 'Remove that image, or bake a release of another name.',
    });
  }
  await removeCopy(job, there, found.id, image.name);
  return undefined;
}

async function startCopy(job: BuildJob, there: Cloud, image: Image): Promise<string> {
  const { run, cloud, project } = job;
  const { builder, distribute } = project.config.image;
  const kind = 'image copy';
  const name = `${image.name} in ${there.region}`;
  run.journal.write({ entry: 'intend', kind, name });
  const attempt = `${image.id} ${there.region} ${run.id}`;
  const id = await there.images.copy({
    token: createHash('sha256').update(attempt).digest('hex'),
    imageId: image.id,
    fromRegion: cloud.region,
    name: image.name,
    description: `Release ${image.tags[TAG.release]} of ${project.config.project}, copied from ${image.id}`,
    tags: copyTags(job, image),
    encrypted: builder.rootVolume.encrypted || distribute.kmsKeys[there.region] !== undefined,
    kmsKey: distribute.kmsKeys[there.region],
  });
  run.journal.write({ entry: 'made', kind, name, id });
  return id;
}

/** Those of the image, without what it became by being published. */
function copyTags({ run, project }: BuildJob, image: Image): Tags {
  const { [TAG.published]: _, [TAG.distribution]: __, ...tags } = image.tags;
  const own = Object.entries(tags).filter(([key]) => !key.startsWith('aws:'));
  const more = { [TAG.sourceImage]: image.id, [TAG.expires]: unfinishedUntil(run) };
  return { ...Object.fromEntries(own), ...ownTags(project, run.id, more) };
}

async function removeCopy(job: BuildJob, there: Cloud, id: string, name: string): Promise<void> {
  await there.images.remove(id);
  job.run.journal.write({ entry: 'removed', kind: 'image copy', name: `${name} in ${there.region}`, id });
}

function incomplete(image: Image, failures: { region: string; error: unknown }[], wanted: number): BakeError {
  const interrupted = failures.find(({ error }) => error instanceof BakeError && error.exitCode === 130);
  if (interrupted) return interrupted.error as BakeError;
  const [first] = failures;
  const others = failures.length > 1 ? ` (and ${failures.length - 1} more)` : '';
  return new BakeError(
    `release ${image.tags[TAG.release]} (${image.id}) could not be copied to ${first!.region}: ${messageOf(first!.error)}${others}`,
    {
      details: failures.slice(1).map(({ region, error }) => `${region}: ${messageOf(error)}`),
      hint: `${wanted - failures.length} of ${count(wanted, 'region')} have it; it is not published anywhere. \`bake build\` goes on from here.`,
      cause: first!.error,
    },
  );
}
