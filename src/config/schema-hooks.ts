import { z } from 'zod';
import { durationDefault } from './values.ts';

const hook = (when: string) =>
  z
    .array(
      z.strictObject({
        run: z
          .string()
          .min(1)
          .describe('Program with its arguments, run by the shell in the directory of bake.yaml.'),
        timeout: durationDefault('10m').describe('How long it may take.'),
      }),
    )
    .default([])
    .describe(when);

/** Hooks get the facts of the run as environment variables (`BAKE_RUN`, `BAKE_RELEASE`, `BAKE_IMAGE` …): docs/hooks.md. */
export const hooksSchema = z.strictObject({
  beforeBuild: hook('Before anything is built. One that fails stops the build.'),
  afterBuild: hook(
    'After an image was built. One that fails is a warning, as are all that come after something.',
  ),
  beforeRollout: hook('Before the first instance is replaced. One that fails stops the rollout.'),
  afterRollout: hook('After the fleet was verified.'),
  beforeCutover: hook('Before traffic moves to the other colour. One that fails stops the cutover.'),
  afterCutover: hook('After traffic has moved.'),
  onFailure: hook('After a build or rollout that had begun has failed, or was interrupted, and was undone.'),
});
