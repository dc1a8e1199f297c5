import { defineConfig } from 'vitest/config';

const project = (name: string, timeout: number) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout: timeout, hookTimeout: timeout },
});

// Three kinds of test: pure parts; against the local cloud (real processes); real clients against the local cloud.
export default defineConfig({
  test: {
    projects: [project('unit', 10_000), project('local', 120_000), project('conformance', 120_000)],
    maxWorkers: 2,
    reporters: ['default'],
  },
});
