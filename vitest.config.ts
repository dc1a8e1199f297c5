import { defineConfig } from 'vitest/config';

/** On CI a test that real processes on a busy machine have held up gets a second turn; on a developer's machine it is to be looked at. */
const retry = process.env.CI ? 1 : 0;

/** A test that runs in a job of GitHub Actions is not that job: it tells nobody, and fills none of its files. */
const NO_JOB = ['ACTIONS', 'OUTPUT', 'STEP_SUMMARY', 'TOKEN', 'REPOSITORY', 'SHA'];
const env = Object.fromEntries(NO_JOB.map((name) => [`GITHUB_${name}`, '']));

const project = (name: string, timeout: number, more: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: timeout,
    hookTimeout: timeout,
    env,
    ...more,
  },
});

// Three kinds of test: pure parts; against the local cloud (real processes); real clients against the local cloud.
export default defineConfig({
  test: {
    projects: [
      // Pure parts share what they load: half of the time would go into loading it for each file.
      project('unit', 20_000, { isolate: false }),
      project('local', 180_000, { retry }),
      project('conformance', 180_000, { retry }),
    ],
    // More than two cores have: many wait for machines that boot, and for clouds.
    maxWorkers: 3,
    reporters: ['default'],
  },
});
