// The same provisioners baked by HashiCorp Packer and by bake, on the same local cloud with the same delays: the first build, and
// the build after one file of the application has changed. Wall time, and the calls to the cloud's API that it took, counted by
// a proxy between the tool and the cloud. The clouds' delays are divided by SCALE: 20 s to boot, 10 s to stop, 60 s for an image.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { resetLocalCloud, startLocalCloud } from '../dist/localcloud/control.js';

/** Also the provisioners in packer/ take a tenth of the time that they stand for. */
const SCALE = 10;
/** Packer's waiters look every 15 seconds unless told otherwise; a second is the least they can be told. */
const PACKER_POLL_SECONDS = 1;
const LATENCY = {
  'instance.pending': 20_000 / SCALE,
  'instance.stopping': 10_000 / SCALE,
  'image.pending': 60_000 / SCALE,
};
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
  return { endpoint: `http://127.0.0.1:${server.address().port}`, calls, close: () => server.close() };
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
async function builds(tool) {
  const directory = mkdtempSync(join(tmpdir(), 'bake-bench-'));
  try {
    cpSync(fixture, directory, { recursive: true });
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
const results = {
  packer: await builds(['packer', 'build', '-color=false', 'packer.json']),
  bake: await builds([process.execPath, bake, 'build']),
};
for (const [tool, { first, rebuild }] of Object.entries(results)) {
  console.log(`${tool}, first build: ${words(first)} (${detail(first)})`);
  console.log(`${tool}, one file changed: ${words(rebuild)} (${detail(rebuild)})`);
}
const { packer: theirs, bake: ours } = results;
const ratio = (of) => rounded(theirs[of].seconds / ours[of].seconds);
console.log(
  JSON.stringify({
    name: 'packer',
    ours: rounded(ours.rebuild.seconds),
    theirs: rounded(theirs.rebuild.seconds),
    ratio: ratio('rebuild'),
    unit: 's',
    note:
      `rebuild after one file changed, ratio theirs to ours; first build: bake ${words(ours.first)}, packer ${words(theirs.first)}, ratio ${ratio('first')}; ` +
      `rebuild: bake ${words(ours.rebuild)}, packer ${words(theirs.rebuild)}; the cloud's delays (boot 20 s, stop 10 s, image 60 s) and the ` +
      `time that installing takes (90 s, 60 s) are divided by ${SCALE}; packer polls every ${PACKER_POLL_SECONDS} s instead of its 15 s and works over SSH, bake over SSM`,
  }),
);
