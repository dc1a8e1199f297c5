import { instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { isOnline, managedInstances } from './managed.ts';
import { type CommandRecord, commands, invocationKey, invocations } from './records.ts';

export interface CommandRequest {
  documentName: string;
  comment: string;
  parameters: Record<string, string[]>;
  instanceIds: string[];
  targets: { Key: string; Values: string[] }[];
  timeoutSeconds: number;
  output?: { bucket: string; prefix: string };
  logGroup?: string;
}

/** Limit of a document with its parameters. Source: SSM SendCommand, MaxDocumentSizeExceeded. */
const MOST_PARAMETER_BYTES = 64 * 1_024;

const DEFAULT_EXECUTION_SECONDS = 3_600;

/**
 * Takes a command on; the reconciler delivers it.
 * @throws InvalidDocument, InvalidParameters, MaxDocumentSizeExceeded, DuplicateInstanceId, InvalidInstanceId
 */
export async function sendCommand(engine: Engine, request: CommandRequest): Promise<CommandRecord> {
  if (!/^(arn:aws:ssm:[\w-]*::document\/)?AWS-RunShellScript$/.test(request.documentName)) {
    throw new ServiceError(
      'InvalidDocument',
      `Document with name ${request.documentName} does not exist (the local cloud has AWS-RunShellScript).`,
    );
  }
  const what = shellScript(request.parameters);
  const instanceIds = await targetedInstances(engine, request);
  return takeOn(engine, { ...request, instanceIds }, what);
}

/** Notes a script for these instances, which are not looked at; the reconciler delivers it. */
export function takeOn(
  engine: Engine,
  request: CommandRequest,
  what: { script: string; executionTimeoutSeconds: number },
): CommandRecord {
  const now = engine.clock.now();
  const commandId = engine.ids.uuid();
  for (const instanceId of request.instanceIds) {
    invocations(engine).put(invocationKey(commandId, instanceId), {
      commandId,
      instanceId,
      status: 'Pending',
      statusDetails: 'Pending',
      exitCode: -1,
      stdout: '',
      stderr: '',
      ...what,
      requestedAt: now,
      deliverAt: now + engine.latency.of('command.delivery'),
      expiresAt: now + request.timeoutSeconds * 1_000,
    });
  }
  return commands(engine).put(commandId, { ...request, commandId, requestedAt: now });
}

/** The script that the document AWS-RunShellScript makes of its parameters. */
function shellScript(parameters: Record<string, string[]>) {
  const fail = (message: string) => new ServiceError('InvalidParameters', message);
  const unknown = Object.keys(parameters).find(
    (name) => !['commands', 'workingDirectory', 'executionTimeout'].includes(name),
  );
  if (unknown !== undefined)
    throw fail(`Document AWS-RunShellScript does not support parameter(s): ${unknown}`);
  const lines = [...(parameters.commands ?? [])];
  if (lines.length === 0) throw fail('Document AWS-RunShellScript requires the parameter commands.');
  if (Buffer.byteLength(JSON.stringify(parameters)) > MOST_PARAMETER_BYTES)
    throw new ServiceError('MaxDocumentSizeExceeded', 'The size limit of a document is 64 KB.');
  const given = parameters.executionTimeout?.[0] ?? String(DEFAULT_EXECUTION_SECONDS);
  const executionTimeoutSeconds = Number(given);
  if (!/^\d+$/.test(given) || executionTimeoutSeconds < 1 || executionTimeoutSeconds > 172_800)
    throw fail(`executionTimeout must be between 1 and 172800 seconds, not ${given}`);
  const directory = parameters.workingDirectory?.[0];
  if (directory) {
    const quoted = `'${directory.replaceAll("'", `'\\''`)}'`;
    lines.splice(lines[0]?.startsWith('#!') ? 1 : 0, 0, `cd -- ${quoted} || exit 1`);
  }
  return { script: lines.join('\n'), executionTimeoutSeconds };
}

async function targetedInstances(engine: Engine, request: CommandRequest): Promise<string[]> {
  const { instanceIds, targets } = request;
  if (instanceIds.length > 0) {
    if (new Set(instanceIds).size < instanceIds.length)
      throw new ServiceError(
        'DuplicateInstanceId',
        "You can't specify an instance ID in more than one association.",
      );
    await checkOnline(engine, instanceIds);
    return instanceIds;
  }
  if (targets.length === 0)
    throw new ServiceError('ValidationException', 'Either InstanceIds or Targets must be given.');
  for (const { Key, Values } of targets) {
    if (Key === 'InstanceIds') await checkOnline(engine, Values);
    else if (!Key.startsWith('tag:') && Key !== 'tag-key')
      throw new ServiceError(
        'InvalidTarget',
        `The target ${Key} isn't valid: tag:NAME, tag-key or InstanceIds.`,
      );
  }
  const managed = await managedInstances(engine);
  return managed
    .filter(
      ({ instance, online }) =>
        online &&
        targets.every(({ Key, Values }) => {
          if (Key === 'InstanceIds') return Values.includes(instance.instanceId);
          if (Key === 'tag-key') return Values.some((name) => Object.hasOwn(instance.tags, name));
          const value = instance.tags[Key.slice('tag:'.length)];
          return value !== undefined && Values.includes(value);
        }),
    )
    .map(({ instance }) => instance.instanceId);
}

async function checkOnline(engine: Engine, ids: string[]): Promise<void> {
  const online = await Promise.all(
    ids.map(async (id) => {
      const instance = instances(engine).get(id);
      return instance !== undefined && (await isOnline(engine, instance));
    }),
  );
  const offline = ids.filter((_, at) => !online[at]);
  if (offline.length > 0) {
    throw new ServiceError(
      'InvalidInstanceId',
      `Instances [[${offline.join(', ')}]] not in a valid state for account ${engine.account}`,
    );
  }
}
