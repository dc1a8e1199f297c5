import type { Image, Tags } from '../clouds/cloud.ts';
import { BakeError } from '../run/errors.ts';
import { type Pace, poll } from '../run/poll.ts';
import type { Run, Step } from '../run/run.ts';
import type { Owned } from '../run/scope.ts';
import { TAG } from '../run/tags.ts';
import type { Builder } from './builder.ts';
import type { BuildJob } from './job.ts';

/** How long an image that is not finished is kept for another try. Milliseconds. */
const UNFINISHED_KEPT = 3 * 86_400_000;

/** The value of `TAG.expires` on an image until it is finished: a layer kept, a release published. */
export const unfinishedUntil = ({ clock }: Run): string =>
  new Date(clock.now() + UNFINISHED_KEPT).toISOString();

/**
 * Makes an image of the builder; the scope owns it until it is kept. Answers `undefined` when the name belongs to
 * an image of another run. AWS: CreateImage has no client token, the unique name serves as one.
 */
export async function createImage(
  job: BuildJob,
  builder: Builder,
  image: { name: string; description: string; tags: Tags; running?: boolean },
): Promise<Owned<string> | undefined> {
  const { run, cloud, scope } = job;
  const ours = async () => {
    const found = await cloud.images.findByName(image.name);
    return found && { id: found.id, ours: found.tags[TAG.run] === run.id };
  };
  try {
    return await scope.own({
      kind: 'image',
      name: image.name,
      create: () => cloud.images.createFromInstance({ instanceId: builder.instanceId, ...image }),
      idOf: (id) => id,
      remove: (id) => cloud.images.remove(id),
      removeUnknown: async () => {
        const found = await ours();
        if (found?.ours) await cloud.images.remove(found.id);
      },
    });
  } catch (error) {
    const found = await ours().catch(() => undefined);
    if (found && !found.ours) return undefined;
    throw error;
  }
}

/**
 * Waits until an image can be used, looking as `pace` says. Undefined when it failed or is gone and `orGone` allows that; otherwise
 * an error.
 */
export async function awaitImage(
  job: Pick<BuildJob, 'run' | 'cloud' | 'project'>,
  step: Pick<Step, 'progress'>,
  imageId: string,
  { orGone = false, pace = { first: 100, longest: 5_000 } }: { orGone?: boolean; pace?: Pace } = {},
): Promise<Image | undefined> {
  const { run, cloud, project } = job;
  const look = async () => {
    const [image] = await cloud.images.find([imageId]);
    if (image?.state === 'available') return { done: true, value: image } as const;
    if (orGone && image?.state !== 'pending') return { done: true, value: undefined } as const;
    if (image?.state === 'failed') {
      throw new BakeError(`the cloud could not make image ${imageId}: ${image.reason ?? 'no reason given'}`);
    }
    step.progress(`image ${imageId} is ${image?.state ?? 'not visible yet'}`);
    return { done: false, state: image?.state ?? 'not visible' } as const;
  };
  return await poll(look, {
    what: `image ${imageId} to become available`,
    timeout: project.config.image.imageTimeout,
    clock: run.clock,
    signal: run.signal,
    interval: pace,
    hint: 'Raise image.imageTimeout for large disks.',
  });
}
