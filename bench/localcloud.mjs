// What the local cloud takes: how long its daemon and an instance need to start, and how it answers 200 requests per second of
// mixed describes while it holds 1,000 instances without processes. Requests are sent when they are due, whether or not those
// before have been answered, and their latency is counted from when they were due: a daemon that falls behind shows it.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as scaling from '@aws-sdk/client-auto-scaling';
import * as ec2 from '@aws-sdk/client-ec2';
import { resetLocalCloud, startLocalCloud, stopLocalCloud } from '../dist/localcloud/control.js';
import { sandboxSupport } from '../dist/localcloud/sandbox/support.js';

const RATE = Number(process.env.RATE ?? 200);
const SECONDS = Number(process.env.SECONDS ?? 15);
const INSTANCES = Number(process.env.INSTANCES ?? 1_000);

const rounded = (ms) => Math.round(ms * 10) / 10;
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const timed = async (work) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/** A local cloud in a directory of its own, gone afterwards. */
async function inCloud(options, work) {
  const directory = mkdtempSync(join(tmpdir(), 'bake-bench-'));
  try {
    return await work(directory, await startLocalCloud(directory, options));
  } finally {
    await resetLocalCloud(directory);
    rmSync(directory, { recursive: true, force: true });
  }
}

const settings = ({ endpoint, region, accessKeyId, secretAccessKey }) => ({
  endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey },
});

async function baseImage(client) {
  const { Images } = await client.send(new ec2.DescribeImagesCommand({ Owners: ['amazon'] }));
  return Images[0].ImageId;
}

async function daemonStart() {
  return inCloud({ runtime: 'none' }, async (directory) => {
    const times = [];
    for (let round = 0; round < 7; round++) {
      await stopLocalCloud(directory);
      times.push(await timed(() => startLocalCloud(directory, { runtime: 'none' })));
    }
    const node = [];
    for (let round = 0; round < 7; round++)
      node.push(await timed(() => spawnSync(process.execPath, ['-e', '0'])));
    return { daemon: median(times), node: median(node) };
  });
}

/** From RunInstances to `running`, its first process up. Undefined where there are no namespaces. */
async function instanceStart() {
  const probe = mkdtempSync(join(tmpdir(), 'bake-bench-'));
  const { ok } = await sandboxSupport(probe);
  rmSync(probe, { recursive: true, force: true });
  if (!ok) return undefined;
  return inCloud({ speed: 1_000 }, async (_, info) => {
    const client = new ec2.EC2Client(settings(info));
    const ImageId = await baseImage(client);
    const times = [];
    for (let round = 0; round < 7; round++) {
      times.push(
        await timed(async () => {
          const launch = { ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 };
          const { Instances } = await client.send(new ec2.RunInstancesCommand(launch));
          const InstanceIds = [Instances[0].InstanceId];
          for (;;) {
            const seen = await client.send(new ec2.DescribeInstancesCommand({ InstanceIds }));
            if (seen.Reservations[0].Instances[0].State.Name === 'running') return;
            await delay(5);
          }
        }),
      );
    }
    return median(times);
  });
}

/** A request as the SDK builds and signs it, to be sent as often as one likes: a signature is good for five minutes. */
async function built(Client, info, command) {
  let seen;
  const requestHandler = {
    handle: async (request) => {
      seen = request;
      throw new Error('built');
    },
  };
  const client = new Client({ ...settings(info), maxAttempts: 1, requestHandler });
  await client.send(command).catch(() => {});
  return seen;
}

/** Sends a built request; resolves when the answer has arrived. Throws unless it is good. */
async function send(agent, { hostname, port, method, path, headers, body }) {
  const sent = request({ agent, hostname, port, method, path, headers }).end(body);
  const [answer] = await once(sent, 'response');
  answer.resume();
  await once(answer, 'end');
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${body}`);
}

/** What a fleet's tools ask all day, each kind as often as the others, for instances chosen at random. */
async function mixed(info, ids) {
  const some = (count) => Array.from({ length: count }, () => ids[Math.floor(Math.random() * ids.length)]);
  const byTag = [{ Name: 'tag:batch', Values: ['0'] }];
  const kinds = {
    'one instance': () => new ec2.DescribeInstancesCommand({ InstanceIds: some(1) }),
    'ten instances': () => new ec2.DescribeInstancesCommand({ InstanceIds: some(10) }),
    'by tag, a page of 50': () => new ec2.DescribeInstancesCommand({ Filters: byTag, MaxResults: 50 }),
    'status of ten': () => new ec2.DescribeInstanceStatusCommand({ InstanceIds: some(10) }),
    images: () => new ec2.DescribeImagesCommand({ Owners: ['amazon'] }),
    'volumes, a page of 50': () => new ec2.DescribeVolumesCommand({ MaxResults: 50 }),
    'tags, a page of 50': () => new ec2.DescribeTagsCommand({ MaxResults: 50 }),
    groups: () => new scaling.DescribeAutoScalingGroupsCommand({}),
  };
  const requests = [];
  for (let round = 0; round < 20; round++) {
    for (const [kind, command] of Object.entries(kinds)) {
      const Client = kind === 'groups' ? scaling.AutoScalingClient : ec2.EC2Client;
      requests.push({ kind, request: await built(Client, info, command()) });
    }
  }
  return requests;
}

async function load() {
  return inCloud({ runtime: 'none', speed: 1_000 }, async (_, info) => {
    const client = new ec2.EC2Client(settings(info));
    const launch = {
      ImageId: await baseImage(client),
      InstanceType: 't3.micro',
      MinCount: 100,
      MaxCount: 100,
    };
    const ids = [];
    for (let made = 0; made < INSTANCES; made += 100) {
      const Tags = [{ Key: 'batch', Value: String(made) }];
      const TagSpecifications = [{ ResourceType: 'instance', Tags }];
      const { Instances } = await client.send(new ec2.RunInstancesCommand({ ...launch, TagSpecifications }));
      ids.push(...Instances.map(({ InstanceId }) => InstanceId));
    }
    const requests = await mixed(info, ids);
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    for (const { request } of requests) await send(agent, request); // Code is compiled, connections are open.

    const latencies = new Map(requests.map(({ kind }) => [kind, []]));
    const pending = [];
    const begun = performance.now();
    for (let n = 0; n < RATE * SECONDS; n++) {
      const due = begun + (n * 1_000) / RATE;
      const early = due - performance.now();
      if (early > 1) await delay(early);
      const { kind, request } = requests[n % requests.length];
      pending.push(send(agent, request).then(() => latencies.get(kind).push(performance.now() - due)));
    }
    await Promise.all(pending);
    const rate = pending.length / ((performance.now() - begun) / 1_000);
    agent.destroy();
    return { latencies, rate, megabytes: residentMegabytes(info.pid) };
  });
}

const residentMegabytes = (pid) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1_024;

const at = (values, share) => rounded(values.sort((a, b) => a - b)[Math.floor(values.length * share)]);
const spread = (values) =>
  `median ${at(values, 0.5)} ms, p95 ${at(values, 0.95)} ms, p99 ${at(values, 0.99)} ms`;

const { daemon, node } = await daemonStart();
console.log(`the daemon starts in ${rounded(daemon)} ms (node -e 0: ${rounded(node)} ms)`);
const instance = await instanceStart();
console.log(
  instance === undefined
    ? 'no namespaces here: no instance was started'
    : `an instance starts in ${rounded(instance)} ms`,
);
console.log(`${RATE} requests per second for ${SECONDS} s on ${INSTANCES} instances without processes:`);
const { latencies, rate, megabytes } = await load();
for (const [kind, values] of latencies) console.log(`  ${kind.padEnd(24)} ${spread(values)}`);
const all = [...latencies.values()].flat();
const answered = `${rounded(rate)} answered per second, daemon ${rounded(megabytes)} MB resident`;
console.log(`  all: ${spread(all)}; ${answered}`);
const started = instance === undefined ? 'not measured' : `${rounded(instance)} ms`;
console.log(
  JSON.stringify({
    name: 'localcloud',
    ours: at(all, 0.95),
    theirs: null,
    ratio: null,
    unit: 'ms',
    note:
      `p95 of mixed describes, ${RATE}/s for ${SECONDS} s on ${INSTANCES} process-less instances (${spread(all)}; ${answered}); ` +
      `daemon start ${rounded(daemon)} ms beside node -e 0 ${rounded(node)} ms, instance start ${started}`,
  }),
);
