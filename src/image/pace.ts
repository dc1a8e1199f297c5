import type { Pace } from '../run/poll.ts';
import type { BuildJob } from './job.ts';

type Wait = 'boot' | 'stop' | 'image';

/** What EC2 usually takes: 20 to 60 s until an agent answers, 10 to 60 s to stop, one to five minutes for an image. */
const USUAL: Record<Wait, Pace> = {
  boot: { delay: 8_000, first: 4_000, longest: 5_000 },
  stop: { delay: 8_000, first: 3_000, longest: 5_000 },
  image: { delay: 20_000, first: 10_000, longest: 10_000 },
};
/** The local cloud has no distances, and its calls cost nothing. */
const HERE: Record<Wait, Pace> = {
  boot: { first: 100, longest: 3_000 },
  stop: { first: 100, longest: 3_000 },
  image: { first: 100, longest: 5_000 },
};

/** How often to look for the end of a wait of the cloud's: around the time that the same step (`step`) took in the last build. */
export const paceOf = (
  { cloud, steps }: Pick<BuildJob, 'cloud' | 'steps'>,
  wait: Wait,
  step: string,
): Pace => ({
  ...(cloud.local ? HERE : USUAL)[wait],
  expected: steps.expected(step),
});
