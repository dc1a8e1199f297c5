// The same provisioners baked by HashiCorp Packer and by bake on the same local cloud with the same delays: the first build, and the
// build after one file of the application has changed. Wall time, and the calls to the cloud's API, counted by a proxy.
//
// Both: launch a builder, run base-os.sh (90 s), dependencies.sh (60 s), upload a directory, run application.sh, stop, make an image, wait
// for it, end the builder. The cloud takes 20 s to boot, 10 s to stop or to terminate, 60 s for an image. SCALE divides all of these
// times; at 1 nothing is shortened. What the two do beside that:
//   packer  over SSH, with its own key pair and security group. Looks at waits every 15 s, its default (divided by SCALE, too; whole
//           seconds is what it can be told), and waits for the builder's end, as it deletes the group after it.
//   bake    over SSH with a key pair and a group of its own as well, and over SSM, its default, with neither. Lists the packages, cleans
//           up, verifies, encrypts the disk, and keeps images of the layers base-os and dependencies. Its waits are not divided.
// All run at the same time, each on a cloud of its own; they sleep most of it.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { resetLocalCloud, startLocalCloud } from '../dist/localcloud/control.js';

const SCALE = Number(process.env.SCALE ?? 3);
const PACKER_POLL_SECONDS = Math.max(1, Math.round(15 / SCALE));
const LATENCY = {
  'instance.pending': 20_000 / SCALE,
  'instance.stopping': 10_000 / SCALE,
  'instance.shutting-down': 10_000 / SCALE,
  'image.pending': 60_000 / SCALE,
};
/** Seconds that the provisioners take. */
const SCRIPTS = { 'base-os.sh': 90 / SCALE, 'dependencies.sh': 60 / SCALE };
const fixture = fileURLToPath(new URL('packer/', import.meta.url));
const bake = fileURLToPath(new URL('../dist/cli.js', import.meta.url));

/** Passes everything on, and counts it by operation. */
async function countingProxy(cloud) {
  const calls = new Map();
  const server = createServer(async (incoming, response) => {
    const { method, headers, url } = incoming;
    const body = await buffer(incoming);
    const target = headers['x-amz-target'];
    const operation = target
      ? String(target).replace(/^.*\./, '')
      : (/(?:^|&)Action=(\w+)/.exec(body.toString())?.[1] ?? '?');
    calls.set(operation, (calls.get(operation) ?? 0) + 1);
    const forwarded = request(`${cloud}${url}`, { method, headers }).end(body);
    try {
      const [answer] = await once(forwarded, 'response');
      response.writeHead(answer.statusCode, answer.headers).end(await buffer(answer));
    } catch {
      response.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // By an address that bake does not know for its own machine's: it is to wait as for a cloud that is far away.
  return { endpoint: `http://0.0.0.0:${server.address().port}`, calls, close: () => server.close() };
}

/** Runs a tool to its end, which has to be a good one. Seconds, and calls by operation. */
async function measured(proxy, command, args, options) {
  proxy.calls.clear();
  const begun = performance.now();
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  const [code] = await once(child, 'exit');
  const seconds = (performance.now() - begun) / 1_000;
  if (code !== 0) throw new Error(`${command} ended with ${code}\n${(await output).join('\n')}`);
  const calls = [...proxy.calls].sort(([, a], [, b]) => b - a);
  return { seconds, calls, total: calls.reduce((sum, [, count]) => sum + count, 0) };
}

/** Both builds of one tool, on a cloud of its own. */
async function builds(tool, more = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'bake-bench-'));
  try {
    cpSync(fixture, directory, { recursive: true });
    for (const [name, seconds] of Object.entries(SCRIPTS)) {
      const file = join(directory, 'provisioners', name);
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^sleep .*$/m, `sleep ${seconds}`));
    }
    const latency = join(directory, 'latency.json');
    writeFileSync(latency, JSON.stringify(LATENCY));
    const info = await startLocalCloud(directory, { latency });
    const proxy = await countingProxy(info.endpoint);
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL: proxy.endpoint,
      AWS_REGION: info.region,
      AWS_DEFAULT_REGION: info.region,
      AWS_ACCESS_KEY_ID: info.accessKeyId,
      AWS_SECRET_ACCESS_KEY: info.secretAccessKey,
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_POLL_DELAY_SECONDS: String(PACKER_POLL_SECONDS),
      CHECKPOINT_DISABLE: '1',
      HOME: directory,
      ...more,
    };
    const [command, ...args] = tool;
    const build = () => measured(proxy, command, args, { cwd: directory, env });
    const first = await build();
    writeFileSync(join(directory, 'worker/worker.sh'), '#!/bin/sh\necho changed\n');
    const rebuild = await build();
    proxy.close();
    return { first, rebuild };
  } finally {
    await resetLocalCloud(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

const rounded = (value) => Math.round(value * 100) / 100;
const words = ({ seconds, total }) => `${rounded(seconds)} s, ${total} calls`;
const detail = ({ calls }) => calls.map(([operation, count]) => `${operation} ${count}`).join(', ');

if (spawnSync('packer', ['version']).status !== 0) throw new Error('packer is not installed');
const bakeBuild = [process.execPath, bake, 'build'];
const [theirs, ssh, ssm] = await Promise.all([
  builds(['packer', 'build', '-color=false', 'packer.json']),
  builds(bakeBuild, { COMMUNICATOR: 'ssh' }),
  builds(bakeBuild),
]);
for (const [tool, { first, rebuild }] of Object.entries({
  packer: theirs,
  'bake over SSH': ssh,
  'bake over SSM': ssm,
})) {
  console.log(`${tool}, first build: ${words(first)} (${detail(first)})`);
  console.log(`${tool}, one file changed: ${words(rebuild)} (${detail(rebuild)})`);
}
/** Ours to theirs: below 1 is less. */
const beside = (ours, of) =>
  `${rounded(ours[of].seconds / theirs[of].seconds)} x the time, ${rounded(ours[of].total / theirs[of].total)} x the calls`;
console.log(
  JSON.stringify({
    name: 'packer',
    ours: rounded(ssm.rebuild.seconds),
    theirs: rounded(theirs.rebuild.seconds),
    ratio: rounded(theirs.rebuild.seconds / ssm.rebuild.seconds),
    unit: 's',
    note:
      `rebuild after one file changed, ratio theirs to ours (bake over SSM). Beside packer, first build: over SSM ${beside(ssm, 'first')}, over SSH ` +
      `${beside(ssh, 'first')}; rebuild: over SSM ${beside(ssm, 'rebuild')}, over SSH ${beside(ssh, 'rebuild')}. All times of the cloud and of ` +
      `the provisioners divided by ${SCALE}; packer looks every ${PACKER_POLL_SECONDS} s (15 s divided)`,
  }),
);
