import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { bake, execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { startCloud } from '../helpers/cloud.ts';

const example = join(repository, 'examples/file-worker');
const python = (await execute('python3', ['--version'])).code === 0;

it.each([
  ['default', undefined, ['base-os', 'dependencies', 'application']],
  ['staging', 'staging', ['base-os', 'dependencies', 'application']],
  ['local', 'local', ['python', 'application']],
])('the file worker is well configured for environment %s', (_, environment, layers) => {
  const { image } = loadProject({ directory: example, variables: {}, environment }).config;
  expect(image.layers.map((layer) => layer.name)).toEqual(layers);
});

it.skipIf(!python)(`the file worker's own tests pass${python ? '' : ' (skipped: no python3)'}`, async () => {
  const arguments_ = ['-m', 'unittest', 'discover', '-b', '-s', 'tests', '-t', '.'];
  const env = { PYTHONDONTWRITEBYTECODE: '1' };
  const { code, stderr } = await execute('python3', arguments_, { cwd: join(example, 'worker'), env });
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/Ran 16 tests/);
});

/** Takes a message, asks for more time, fetches an object, logs a line, deletes the message; prints what it saw. */
const ERRAND = `
import json, sys
from pathlib import Path
if sys.argv[1] == "plain":
    sys.modules["boto3"] = None
from file_worker import aws
cloud = aws.connect("eu-central-1")
queue = cloud.queue_url("errand")
message = cloud.receive(queue, 1, 30)
cloud.prolong(queue, message, 60)
cloud.download("files", "in/a note.txt", Path(sys.argv[2]))
for _ in range(2):
    cloud.open_log("/errand", "worker/i-1")
cloud.put_log_line("/errand", "worker/i-1", message.body)
cloud.delete(queue, message)
print(json.dumps([type(cloud).__name__, message.body, Path(sys.argv[2]).read_text(), cloud.receive(queue, 0, 30)]))
`;
const boto3 = (await execute('python3', ['-c', 'import boto3'])).code === 0;

it.skipIf(!python).for([
  ['boto3', 'Boto3Aws', boto3],
  ['plain', 'PlainAws', true],
] as const)(
  'the file worker reaches queue, objects and logs by way of %s',
  async ([way, name, installed], { skip }) => {
    if (!installed) skip('boto3 is not installed');
    const cloud = await startCloud();
    const sqs = new SQSClient(cloud.client);
    const s3 = new S3Client({ ...cloud.client, forcePathStyle: true });
    const logs = new CloudWatchLogsClient(cloud.client);
    const directory = temporaryDirectory('errand');
    try {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'errand' }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'a message' }));
      await s3.send(new CreateBucketCommand({ Bucket: 'files' }));
      await s3.send(new PutObjectCommand({ Bucket: 'files', Key: 'in/a note.txt', Body: 'an object' }));
      const env = {
        AWS_ENDPOINT_URL: cloud.endpoint,
        AWS_ACCESS_KEY_ID: cloud.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: cloud.credentials.secretAccessKey,
        PYTHONDONTWRITEBYTECODE: '1',
      };
      const { stdout, stderr } = await execute('python3', ['-c', ERRAND, way, join(directory, 'note')], {
        cwd: join(example, 'worker'),
        env,
      });
      expect(stdout, stderr).not.toBe('');
      expect(JSON.parse(stdout)).toEqual([name, 'a message', 'an object', null]);
      const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/errand' }));
      expect(events?.map((event) => event.message)).toEqual(['a message']);
    } finally {
      for (const client of [sqs, s3, logs]) client.destroy();
      await cloud.close();
      rmSync(directory, { recursive: true });
    }
  },
);

const support = await sandboxSupport(tmpdir());
const possible = support.ok && python;
const why = support.ok ? 'no python3' : support.sentence;

describe
  .skipIf(!possible)
  .sequential(`the file worker, rehearsed${possible ? '' : ` (skipped: ${why})`}`, () => {
    let directory: string;
    let client: {
      endpoint: string;
      region: string;
      credentials: { accessKeyId: string; secretAccessKey: string };
    };
    beforeAll(async () => {
      directory = temporaryDirectory('file-worker');
      cpSync(example, directory, { recursive: true });
      const started = await bake(directory, 'local', 'start', '--speed', '30', '--json');
      expect(started.code, started.stderr).toBe(0);
      const cloud = JSON.parse(started.stdout);
      client = { endpoint: cloud.endpoint, region: cloud.region, credentials: cloud };
      const sqs = new SQSClient(client);
      await sqs.send(new CreateQueueCommand({ QueueName: 'file-worker-jobs-dead' }));
      const redrive = {
        deadLetterTargetArn: `arn:aws:sqs:${cloud.region}:000000000000:file-worker-jobs-dead`,
        maxReceiveCount: 3,
      };
      const Attributes = { RedrivePolicy: JSON.stringify(redrive) };
      await sqs.send(new CreateQueueCommand({ QueueName: 'file-worker-jobs', Attributes }));
      sqs.destroy();
    });
    afterAll(() => bake(directory, 'local', 'reset'));

    async function succeed(...args: string[]): Promise<string> {
      const ended = await bake(directory, ...args, '--local', '-e', 'local');
      expect(ended.code, `bake ${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
      return ended.stdout;
    }

    it('is baked by shipped provisioners and verified: its account, its unit, no tests in the image', async () => {
      await succeed('build');
      const manifest = JSON.parse(readFileSync(join(directory, '.bake/manifest.json'), 'utf8'));
      const passed = manifest.checklist.map(({ check, ok }: { check: string; ok: boolean }) => ok && check);
      expect(passed).toContain('services run as a user of their own');
      expect(passed).toContain('files have their owner and mode');
      expect(passed).toContain('unwanted files are absent');
      expect(passed).toContain('candidate: test -s /etc/file-worker/environment');
      expect(passed).not.toContain(false);
    });

    it('rolls out a changed worker, and an instance of the new release proves that it indexed a document', async () => {
      await succeed('fleet', 'apply');
      const file = join(directory, 'worker/file_worker/worker.py');
      const text = readFileSync(file, 'utf8');
      writeFileSync(
        file,
        text.replace('characters=len(found.text)', 'characters=len(found.text), type=found.type'),
      );
      expect(await succeed('build')).toMatch(/1 of 2 layers/);
      expect(await succeed('rollout', '--strategy', 'rolling')).toMatch(
        /processed by i-[0-9a-f]+ \(release 2\)/,
      );
    });

    it('lets each instance go when its worker has finished', async () => {
      const logs = new CloudWatchLogsClient(client);
      const query = { logGroupName: '/file-worker/worker', filterPattern: '{ $.message = "drained" }' };
      const { events = [] } = await logs.send(new FilterLogEventsCommand(query));
      logs.destroy();
      // Both of release 1.
      expect(events.map(({ message }) => JSON.parse(message!).release)).toEqual(['1', '1']);
    });
  });
