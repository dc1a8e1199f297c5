// What a rolling rollout asks of the cloud, by the size of the fleet: bake beside the local cloud (no processes) on one virtual clock.
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const directory = new URL(`../dist/bench-${process.pid}/`, import.meta.url);
const outfile = fileURLToPath(new URL('fleet.mjs', directory));
mkdirSync(directory, { recursive: true });
try {
  await build({
    entryPoints: [fileURLToPath(new URL('fleet-rollout.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  const { measure } = await import(outfile);
  const sizes = (process.env.SIZES ?? '10,100,1000').split(',').map(Number);
  const measured = [];
  for (const size of sizes) {
    measured.push(await measure(size));
    console.log(JSON.stringify(measured.at(-1)));
  }
  const [small, large] = [measured[0], measured.at(-1)];
  const line = {
    name: 'fleet',
    ours: large.callsPerMinute,
    theirs: small.callsPerMinute,
    ratio: Math.round((large.callsPerMinute / small.callsPerMinute) * 100) / 100,
    unit: 'API calls a simulated minute',
    note: `a rolling rollout of ${large.instances} instances beside one of ${small.instances}; memory of bake and the local cloud together ${large.memory} MiB`,
  };
  console.log(JSON.stringify(line));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
