import type { Image } from '../clouds/cloud.ts';
import { count } from '../run/format.ts';
import { NEVER, TAG } from '../run/tags.ts';
import { testCandidate, UnfitImage } from './candidate.ts';
import { distribute, distributionDigest, type ImagesByRegion, removeCopies } from './distribute.ts';
import type { BuildJob } from './job.ts';
import type { Check } from './manifest.ts';
import { settleImage, shareImage } from './sharing.ts';
import { unfinishedUntil } from './snapshot.ts';

/** What became of an image on its way to its users. */
export interface Published {
  images: ImagesByRegion;
  /** Of the candidate test; empty when it passed earlier, or there is none. */
  checklist: Check[];
}

/**
 * Brings an available image to its users, from wherever an earlier try has left off: candidate test and copies at the same time, and
 * only when it has passed and every wanted region has it: dates and protection, sharing, the mark that makes it a release, the
 * pointer parameter. An image that fails its test is removed with its copies; one that passed stays for another try, unpublished.
 */
export async function publishRelease(job: BuildJob, image: Image): Promise<Published> {
  const { run, cloud } = job;
  const home = { [cloud.region]: image.id };
  if (isPublished(job, image)) return { images: await knownCopies(job, image, home), checklist: [] };
  if (image.tags[TAG.run] !== run.id && !image.tags[TAG.published]) {
    // Left by a run that crashed: it is this run's now, which nobody may clean up after.
    await cloud.images.setTags(image.id, { [TAG.run]: run.id, [TAG.expires]: unfinishedUntil(run) });
  }
  const { images, checklist } = await testAndCopy(job, image);
  await publish(job, image, images);
  return { images, checklist };
}

/** The copies are begun beside the test, which takes about as long; should it fail, they are given up at once. */
async function testAndCopy(job: BuildJob, image: Image): Promise<Published> {
  const { run, project } = job;
  if (!project.config.image.test || image.tags[TAG.tested] || image.tags[TAG.published]) {
    return { images: await distribute(job, image), checklist: [] };
  }
  const unfit = new AbortController();
  const signal = AbortSignal.any([run.signal, unfit.signal]);
  const copying = distribute({ ...job, run: run.part({ signal }) }, image);
  copying.catch(() => {}); // What the test says goes first.
  try {
    const checklist = await test(job, image);
    return { images: await copying, checklist };
  } catch (error) {
    if (error instanceof UnfitImage) unfit.abort();
    await copying.catch(() => {});
    if (error instanceof UnfitImage) await remove(job, image);
    throw error;
  }
}

/** Whether nothing is left to do: published, with the present settings. */
const isPublished = ({ project }: Pick<BuildJob, 'project'>, { tags }: Image): boolean =>
  tags[TAG.published] !== undefined && tags[TAG.distribution] === distributionDigest(project);

async function knownCopies(job: BuildJob, image: Image, home: ImagesByRegion): Promise<ImagesByRegion> {
  const { cloud, project } = job;
  const regions = project.config.image.distribute.regions.filter((region) => region !== cloud.region);
  const copies = await Promise.all(
    regions.map(async (region) => {
      const copy = await cloud.inRegion(region).images.findByName(image.name);
      return copy ? [[region, copy.id]] : [];
    }),
  );
  return { ...home, ...Object.fromEntries(copies.flat()) };
}

/** After an interrupt, or with no room for a candidate, it is tested by another build. */
async function test(job: BuildJob, image: Image): Promise<Check[]> {
  const { run, cloud } = job;
  const checklist = await testCandidate(job, image);
  await cloud.images.setTags(image.id, { [TAG.tested]: new Date(run.clock.now()).toISOString() });
  return checklist;
}

async function remove(job: BuildJob, image: Image): Promise<void> {
  const { id, name } = image;
  await removeCopies(job, image);
  await job.cloud.images.remove(id);
  job.run.journal.write({ entry: 'removed', kind: 'image', name, id });
}

/** The mark is set in the home region last: whoever sees the release here finds it everywhere. */
async function publish(job: BuildJob, image: Image, images: ImagesByRegion): Promise<void> {
  const { run, cloud, project, steps } = job;
  const { parameter, family } = project.config.image.publish;
  const places = Object.entries(images)
    .map(([region, id]) => ({ id, place: region === cloud.region ? cloud : cloud.inRegion(region) }))
    .sort((a, b) => Number(a.place === cloud) - Number(b.place === cloud));
  await steps.step('publish', `Publish release ${image.tags[TAG.release]}`, async (step) => {
    await Promise.all(places.map(({ id, place }) => settleImage(place, project, id, image.createdAt)));
    for (const { id, place } of places) {
      await shareImage(place, project, id);
      await place.images.setTags(id, {
        [TAG.published]: image.tags[TAG.published] ?? new Date(run.clock.now()).toISOString(),
        [TAG.distribution]: distributionDigest(project),
        [TAG.expires]: NEVER,
      });
      if (parameter !== undefined) await place.parameters.put(parameter, id, 'image');
      // Whoever launches from the family gets it from now on.
      if (family !== undefined) await place.images.joinFamily(id, family);
    }
    const where = places.length > 1 ? ` in ${count(places.length, 'region')}` : '';
    const named = parameter === undefined ? '' : `, named by ${parameter}`;
    step.summary = `${image.id}${where}${named}${family === undefined ? '' : `, in family ${family}`}`;
  });
}
