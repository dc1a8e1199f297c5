import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { createMetadataHost } from '../../src/localcloud/metadata/host.ts';
import { noJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { smokeFleet } from '../../src/smoke/fleet.ts';
import { diagnose } from '../../src/upkeep/diagnose/diagnose.ts';
import type { Cause } from '../../src/upkeep/diagnose/finding.ts';
import { startCloud, type TestCloud } from '../helpers/cloud.ts';
import { askOwnPath } from '../helpers/own-paths.ts';
import { testProject } from '../helpers/project.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

/** Receives once with the instance's own credentials, without any library, and ends with what it is told when that is refused. */
const WORKER = `
import { createHash, createHmac } from 'node:crypto';
const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region, AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata } = process.env;
const meta = async (path, init) => (await fetch(new URL('/latest/' + path, metadata), init)).text();
const token = await meta('api/token', { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' } });
const headers = { 'x-aws-ec2-metadata-token': token };
const role = await meta('meta-data/iam/security-credentials/', { headers });
const key = JSON.parse(await meta('meta-data/iam/security-credentials/' + role, { headers }));
const hash = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (secret, text) => createHmac('sha256', secret).update(text).digest();
const body = JSON.stringify({ QueueUrl: endpoint + '/000000000000/jobs' });
const date = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
const signed = { host: new URL(endpoint).host, 'x-amz-date': date, 'x-amz-security-token': key.Token, 'x-amz-target': 'AmazonSQS.ReceiveMessage' };
const names = Object.keys(signed).join(';');
const canonical = ['POST', '/', '', ...Object.entries(signed).map(([n, v]) => n + ':' + v), '', names, hash(body)].join('\\n');
const scope = [date.slice(0, 8), region, 'sqs', 'aws4_request'];
const secret = scope.reduce(hmac, 'AWS4' + key.SecretAccessKey);
const signature = hmac(secret, ['AWS4-HMAC-SHA256', date, scope.join('/'), hash(canonical)].join('\\n')).toString('hex');
const authorization = 'AWS4-HMAC-SHA256 Credential=' + key.AccessKeyId + '/' + scope.join('/') + ', SignedHeaders=' + names + ', Signature=' + signature;
const answer = await fetch(endpoint, { method: 'POST', body, headers: { ...signed, authorization, 'content-type': 'application/x-amz-json-1.0' } });
console.error(answer.status, await answer.text());
process.exit(answer.ok ? 0 : 1);
`;

const WEB = `
import { createServer } from 'node:http';
const { hostname } = new URL(process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT);
createServer((_request, response) => response.end('{"state":"up","release":"r7"}')).listen(8080, hostname);
`;

const unit = (name: string, command: string, more = '') => `cat > /etc/systemd/system/${name}.service <<'END'
[Service]
${more}ExecStart=/usr/bin/env ${command}
Restart=on-failure
RestartSec=1
END
`;

/** A web server that works, a worker that is refused, a cache that outgrows its memory, and a script that then fails itself. */
const USER_DATA = `#!/bin/bash
mkdir -p /opt/app
cat > /opt/app/worker.mjs <<'END'${WORKER}END
cat > /opt/app/web.mjs <<'END'${WEB}END
${unit('web', 'node /opt/app/web.mjs')}
${unit('worker', 'node /opt/app/worker.mjs')}
${unit('cache', 'node -e "const all = []; setInterval(() => all.push(Buffer.alloc(16 << 20, 1)), 20)"', 'MemoryMax=150M\n')}
systemctl start web worker cache
echo 'licence.txt: no such file'
exit 3
`;

describeSandbox('a machine on which much is wrong', (sandbox) => {
  let local: TestCloud;
  let cloud: Cloud;
  const project = testProject({
    smoke: { sqs: { queue: 'jobs', message: '${smoke.id}', logGroup: '/workers' } },
    diagnose: { reach: ['127.0.0.1:1'] },
  });
  const run = () => {
    const id = newRunId(Date.now());
    return new Run({ id, journal: noJournal, sink: () => {}, signal: new AbortController().signal });
  };

  beforeAll(async () => {
    const runtime = await sandbox.open();
    local = await startCloud({ runtime, speed: 20 });
    local.engine.metadata = createMetadataHost(local.engine);
    const { endpoint, credentials, region } = local;
    cloud = await openCloud({ kind: 'aws', endpoint, credentials, region, local: true });
    const Statement = [{ Effect: 'Allow', Action: 'logs:*', Resource: '*' }];
    const policies = { own: { Version: '2012-10-17', Statement } };
    await askOwnPath(local, 'policies', {
      body: { enforce: true, principals: { worker: { kind: 'role', policies } } },
    });
    const url = await cloud.queues.create({ name: 'jobs', visibilityTimeout: 30_000, tags: {} });
    await cloud.queues.send(url, 'a job', {});
    const template = await cloud.templates.create({
      token: 'fleet',
      name: 'workers',
      description: '',
      settings: {
        imageId: baseImageId(local.engine),
        instanceType: 't3.micro',
        instanceProfile: 'worker',
        securityGroupIds: [],
        monitoring: false,
        ebsOptimized: false,
        userData: USER_DATA,
        tags: { 'bake:release': 'r7' },
      },
      tags: {},
    });
    await cloud.groups.create({
      name: 'workers',
      min: 1,
      max: 1,
      desired: 1,
      template: { id: template.id, version: 1 },
      subnets: [],
      zones: await cloud.groups.zones(),
      healthCheckType: 'EC2',
      healthCheckGrace: 0,
      defaultWarmup: 0,
      metricsEnabled: false,
      tags: {},
    });
  }, 90_000);
  afterAll(async () => {
    await cloud?.groups.remove('workers').catch(() => {});
    cloud?.close();
    await local?.close();
  });

  test('is told of what it says itself: user data, refused calls, memory, a closed port', async () => {
    const findings = async () => (await diagnose(run(), cloud, project)).findings;
    const wanted: Cause[] = [
      'user data error',
      'missing permission',
      'out of memory',
      'dependency not reachable',
    ];
    const causes = async () => (await findings()).map(({ cause }) => cause);
    await expect.poll(causes, { timeout: 90_000, interval: 100 }).toEqual(expect.arrayContaining(wanted));
    const found = new Map((await findings()).map((finding) => [finding.cause, finding]));
    expect(found.get('user data error')!.evidence[0]).toMatch(
      /^user data failed with exit code 3 on i-[0-9a-f]+: licence\.txt: no such file$/,
    );
    expect(found.get('missing permission')!.summary).toMatch(
      /^instances are refused sqs:ReceiveMessage on arn:aws:sqs:\S+:jobs on i-[0-9a-f]+$/,
    );
    expect(found.get('missing permission')!.advice[0]).toContain('in role worker');
    const memory = found.get('out of memory')!.evidence.join('\n');
    expect(memory).toMatch(/: cache\.service was killed by the kernel \(result oom-kill/);
    expect(memory).toMatch(/: kernel: Memory cgroup out of memory: Killed process \d+ \(node\)/);
    expect(found.get('dependency not reachable')).toMatchObject({
      summary: expect.stringMatching(/^127\.0\.0\.1:1 cannot be reached on i-[0-9a-f]+$/),
      evidence: [expect.stringContaining('Connection refused')],
    });
  }, 120_000);

  test('answers its own health check, which is asked from itself, and runs scripts', async () => {
    const smoke = {
      http: [{ port: 8080, body: '"release":"r7"' }],
      commands: [{ run: '[[ $(systemctl is-active web) == active ]] && echo "$BAKE_RELEASE"' }],
    };
    const { report } = await smokeFleet(run(), cloud, testProject({ smoke }));
    expect(report.checks.map(({ summary }) => summary)).toEqual([
      'GET /health on port 8080 went well on 1 new instance',
      expect.stringContaining('went well on 1 new instance'),
    ]);
  }, 60_000);
});
