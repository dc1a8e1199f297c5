// How long `bake --help` takes beside `node -e 0`, the least that any program in Node takes. Both are run in turn, so that
// what else the machine does falls on both alike; medians are compared.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROUNDS = Number(process.env.ROUNDS ?? 60);
const bake = fileURLToPath(new URL('../dist/cli.js', import.meta.url));
const timed = (args) => {
  const begun = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return Number(process.hrtime.bigint() - begun) / 1e6;
};
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const ours = [];
const theirs = [];
for (let round = 0; round <= ROUNDS; round++) {
  const pair = [timed([bake, '--help']), timed(['-e', '0'])];
  if (round === 0) continue; // Files come into the page cache.
  ours.push(pair[0]);
  theirs.push(pair[1]);
}
const rounded = (ms) => Math.round(ms * 10) / 10;
const result = { ours: rounded(median(ours)), theirs: rounded(median(theirs)) };
console.log(
  JSON.stringify({
    name: 'startup',
    ...result,
    ratio: Math.round((result.ours / result.theirs) * 100) / 100,
    unit: 'ms',
    note: `bake --help beside node -e 0, median of ${ROUNDS} rounds each, in turn, Node ${process.version}`,
  }),
);
