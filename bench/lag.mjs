// What polling adds to a build: bake and the local cloud on one virtual clock, with delays as real clouds have them, against the
// time that the cloud itself takes; beside it what the SDK's own waiters would add to the same waits (computed by their formula).
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

// As far from the repository's root as the sources are, which find the provisioners from where they lie.
const directory = new URL(`../dist/bench-${process.pid}/`, import.meta.url);
const outfile = fileURLToPath(new URL('lag.mjs', directory));
mkdirSync(directory, { recursive: true });
try {
  await build({
    entryPoints: [fileURLToPath(new URL('lag-build.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const { measure } = await import(outfile);
  const result = await measure(Number(process.env.ROUNDS ?? 12));
  console.log(JSON.stringify(result));
  if (result.ours >= 10) process.exitCode = 1;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
