import type { ScriptResult, Task } from '../communicators/communicator.ts';
import { BakeError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import type { LayerEntry } from '../run/journal.ts';
import type { Step } from '../run/run.ts';
import type { Builder } from './builder.ts';
import type { BuildJob } from './job.ts';
import type { PlannedLayer } from './plan.ts';
import type { Provisioner, ScriptProvisioner } from './provisioners.ts';
import { rebootBuilder } from './rest.ts';

/** Above this many bytes an upload begins a job of its own: what was staged for it is to be fetched within the hour. */
const LARGE = 256 * 1024;

/**
 * Runs a layer's provisioners on the builder, in order. The first that fails for good ends the build. With `flush` all they wrote
 * is on the disk in the end.
 */
export async function provisionLayer(
  job: BuildJob,
  builder: Builder,
  planned: PlannedLayer,
  flush: boolean,
): Promise<void> {
  const { layer, reason } = planned;
  const note = (state: LayerEntry['state']) => {
    const { name, fingerprint } = planned;
    const { instanceId, spot } = builder;
    job.run.journal.write({ entry: 'layer', builder: instanceId, spot, name, fingerprint, state });
  };
  note('begun');
  await job.steps.step(`layer-${layer.name}`, `Layer ${layer.name}`, async (step) => {
    const groups = groupsOf(layer.provisioners);
    for (const group of groups) await provision(job, builder, step, group, flush && group === groups.at(-1));
    step.summary = `${count(layer.provisioners.length, 'provisioner')}; ${reason}`;
  });
  note('provisioned');
}

/** Those that can be done in one go: up to a reboot, and to a large upload. */
function groupsOf(provisioners: Provisioner[]): Provisioner[][] {
  const groups: Provisioner[][] = [];
  let bytes = 0;
  for (const [index, provisioner] of provisioners.entries()) {
    const before = provisioners[index - 1];
    bytes += sizeOf(provisioner);
    const reboot = before?.kind !== 'upload' && before?.reboot;
    if (!before || reboot || (bytes > LARGE && provisioner.kind === 'upload')) {
      groups.push([]);
      bytes = sizeOf(provisioner);
    }
    groups.at(-1)!.push(provisioner);
  }
  return groups;
}

const sizeOf = (provisioner: Provisioner): number =>
  provisioner.kind === 'upload'
    ? provisioner.files.reduce((sum, file) => sum + (file.kind === 'file' ? file.content.length : 0), 0)
    : 0;

async function provision(
  job: BuildJob,
  builder: Builder,
  step: Step,
  group: Provisioner[],
  flush: boolean,
): Promise<void> {
  const { run, steps } = job;
  const attempts = new Map<Provisioner, number>();
  for (let left = group; left.length > 0; ) {
    const expected = steps.expected(
      step.name,
      left.map(({ name }) => name),
    );
    const tasks = left.map((provisioner) => taskOf(run, step, provisioner));
    const results = await builder.communicator.perform(tasks, { signal: run.signal, expected, flush });
    for (const [index, { durationMs }] of results.entries()) steps.took(step, left[index]!.name, durationMs);
    const last = left[results.length - 1]!;
    const result = results.at(-1)!;
    left = left.slice(results.length);
    if (result.exitCode === 0) continue;
    const error = failureOf(last, result);
    const attempt = (attempts.get(last) ?? 0) + 1;
    if (last.kind === 'upload' || attempt > last.retries) throw error;
    run.warn(`${error.message}; trying again (${attempt} of ${last.retries})`);
    attempts.set(last, attempt);
    left = [last, ...left];
  }
  const last = group.at(-1)!;
  if (last.kind === 'upload' || !last.reboot) return;
  step.progress(`rebooting after ${last.name}`);
  await rebootBuilder(job, builder);
}

function taskOf(run: BuildJob['run'], step: Step, provisioner: Provisioner): Task {
  const { name, timeout } = provisioner;
  const onStart = () => step.progress(name);
  if (provisioner.kind === 'upload') {
    const { files, to, owner } = provisioner;
    return { files, to, owner, name, timeout, modifiedAt: run.startedAt, onStart };
  }
  return {
    script: provisioner.content,
    name,
    strict: provisioner.kind === 'inline',
    arguments: provisioner.arguments,
    environment: provisioner.environment,
    secrets: provisioner.secrets,
    timeout,
    onStart,
    onLine: (line) => step.output(name, line),
  };
}

function failureOf(provisioner: Provisioner, result: ScriptResult): BakeError {
  if (provisioner.kind !== 'upload') return scriptFailure(provisioner, result);
  const { label, to } = provisioner;
  const why = result.tail.at(-1) ?? 'no reason given';
  return new BakeError(`${label} could not be copied to ${to}: ${why}`, { details: result.tail });
}

/** "provisioners/app.sh line 12: command `useradd worker` failed with exit code 9". */
function scriptFailure(script: ScriptProvisioner, result: ScriptResult): BakeError {
  const failure = result.failure ?? lineInOutput(script, result.tail);
  const where = failure?.line ? ` line ${failure.line}` : '';
  const inside = failure?.source ? ` (in ${failure.source})` : '';
  const command = failure?.command ? `command \`${failure.command}\`` : undefined;
  if (result.timedOut) {
    const after = formatDuration(script.timeout);
    const at = command ? ` at ${command}` : '';
    return new BakeError(`${script.label}${where}${inside}: ended after its timeout of ${after}${at}`, {
      details: result.tail,
      hint: 'If it needs more time, raise its `timeout` in bake.yaml.',
    });
  }
  const what = command ? `: ${command} failed` : failure ? ': failed' : ' failed';
  return new BakeError(`${script.label}${where}${inside}${what} with exit code ${result.exitCode}`, {
    details: result.tail,
  });
}

/** Where no trap saw the failure (an unset variable, another shell), the shell itself has named the line. */
function lineInOutput(script: ScriptProvisioner, tail: string[]): ScriptResult['failure'] {
  for (const text of tail.slice(-3).reverse()) {
    const found = /^(?:\S*\/)?(\S+): (?:line )?(\d+): /.exec(text);
    if (found && script.name.endsWith(found[1]!)) return { line: Number(found[2]), command: '' };
  }
  return undefined;
}
