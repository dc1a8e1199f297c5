import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { bake, execute, repository, temporaryDirectory } from './cli.ts';

/** A copy of a project in a directory of its own, with its local cloud running. */
export interface Workspace {
  directory: string;
  cloud: { endpoint: string; region: string; accessKeyId: string; secretAccessKey: string };
  bake(...args: string[]): ReturnType<typeof bake>;
  /** Replaces text in a file of the project; fails when it is not there. */
  edit(file: string, from: string, to: string): void;
}

/** The quickstart example, whose pauses at checkpoints are made three times as short as a person sees them. */
export async function startQuickstart(name: string): Promise<Workspace> {
  const example = join(repository, 'examples/quickstart');
  const bundled = await execute(process.execPath, [join(example, 'dependencies/bundle.mjs')]);
  if (bundled.code !== 0) throw new Error(bundled.stderr);
  return startWorkspace(name, example, 30);
}

export async function startWorkspace(name: string, project: string, speed = 10): Promise<Workspace> {
  const directory = temporaryDirectory(name);
  cpSync(project, directory, { recursive: true });
  const started = await bake(directory, 'local', 'start', '--speed', String(speed), '--json');
  if (started.code !== 0) throw new Error(started.stdout + started.stderr);
  return {
    directory,
    cloud: JSON.parse(started.stdout),
    bake: (...args) => bake(directory, ...args),
    edit(file, from, to) {
      const path = join(directory, file);
      const text = readFileSync(path, 'utf8');
      if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`);
      writeFileSync(path, text.replace(from, to));
    },
  };
}

/** The queue that the workers receive from, with a dead-letter queue after three failures. */
export async function createQueues({ cloud }: Workspace): Promise<void> {
  const sqs = new SQSClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud });
  await sqs.send(new CreateQueueCommand({ QueueName: 'quickstart-jobs-dead' }));
  const redrive = {
    deadLetterTargetArn: `arn:aws:sqs:${cloud.region}:000000000000:quickstart-jobs-dead`,
    maxReceiveCount: 3,
  };
  // As long as a message waits whose worker has failed.
  const Attributes = { VisibilityTimeout: '10', RedrivePolicy: JSON.stringify(redrive) };
  await sqs.send(new CreateQueueCommand({ QueueName: 'quickstart-jobs', Attributes }));
  sqs.destroy();
}

export const removeQuickstart = (workspace: Workspace | undefined) => workspace?.bake('local', 'reset');
