import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { createGroup, createStream } from '../logs/groups.ts';
import { putEvents } from '../logs/put.ts';
import { logGroups, logStreams, streamKey } from '../logs/records.ts';
import { putObject } from '../s3/objects.ts';
import type { CommandRecord, InvocationRecord } from './records.ts';

/** The plugin's name, as the agent writes it in log streams and in keys. */
const IN_STREAM = 'aws-runShellScript';
const IN_KEY = 'awsrunShellScript/0.awsrunShellScript';

/** Events of one request at most. */
const MOST_EVENTS = 10_000;

/** Where an output lies in its bucket. Source: Systems Manager, "Viewing command output". */
export const outputKey = (
  { output }: CommandRecord,
  { commandId, instanceId }: Pick<InvocationRecord, 'commandId' | 'instanceId'>,
  kind: 'stdout' | 'stderr',
): string => [output?.prefix, commandId, instanceId, IN_KEY, kind].filter(Boolean).join('/');

/**
 * Puts what a script has written into the bucket and the log group that its command names, before anybody is told of its end.
 * As with the real agent, what cannot be put there changes nothing about the command.
 */
export async function deliverOutput(
  engine: Engine,
  command: CommandRecord,
  invocation: Pick<InvocationRecord, 'commandId' | 'instanceId'>,
  texts: { stdout?: string; stderr?: string },
): Promise<void> {
  for (const kind of ['stdout', 'stderr'] as const) {
    const text = texts[kind];
    if (!text) continue;
    try {
      if (command.output) await toBucket(engine, command, invocation, kind, text);
      if (command.logGroup) toLogs(engine, command.logGroup, invocation, kind, text);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      engine.log(`command ${invocation.commandId}: its ${kind} is not delivered: ${error.message}`);
    }
  }
}

async function toBucket(
  engine: Engine,
  command: CommandRecord,
  invocation: Pick<InvocationRecord, 'commandId' | 'instanceId'>,
  kind: 'stdout' | 'stderr',
  text: string,
): Promise<void> {
  const facts = {
    headers: { 'content-type': 'text/plain' },
    metadata: {},
    tags: {},
    storageClass: 'STANDARD',
  };
  const key = outputKey(command, invocation, kind);
  await putObject(engine, command.output!.bucket, key, facts, once(Buffer.from(text)));
}

async function* once(body: Buffer) {
  yield body;
}

function toLogs(
  engine: Engine,
  group: string,
  { commandId, instanceId }: Pick<InvocationRecord, 'commandId' | 'instanceId'>,
  kind: 'stdout' | 'stderr',
  text: string,
): void {
  const stream = `${commandId}/${instanceId}/${IN_STREAM}/${kind}`;
  if (!logGroups(engine).has(group)) createGroup(engine, group, {});
  if (!logStreams(engine).has(streamKey(group, stream))) createStream(engine, group, stream);
  const timestamp = engine.clock.now();
  const lines = text.split('\n').filter((line) => line !== '');
  for (let at = 0; at < lines.length; at += MOST_EVENTS)
    putEvents(
      engine,
      group,
      stream,
      lines.slice(at, at + MOST_EVENTS).map((message) => ({ timestamp, message })),
    );
}
