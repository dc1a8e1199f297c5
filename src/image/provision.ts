import type { ScriptResult } from '../communicators/communicator.ts';
import { BakeError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import type { LayerEntry } from '../run/journal.ts';
import type { Step } from '../run/run.ts';
import type { Builder } from './builder.ts';
import type { BuildJob } from './job.ts';
import type { PlannedLayer } from './plan.ts';
import type { Provisioner, ScriptProvisioner } from './provisioners.ts';
import { rebootBuilder } from './rest.ts';

/** Runs a layer's provisioners on the builder, in order. The first that fails for good ends the build. */
export async function provisionLayer(job: BuildJob, builder: Builder, planned: PlannedLayer): Promise<void> {
  const { layer, reason } = planned;
  const note = (state: LayerEntry['state']) => {
    const { name, fingerprint } = planned;
    const { instanceId, spot } = builder;
    job.run.journal.write({ entry: 'layer', builder: instanceId, spot, name, fingerprint, state });
  };
  note('begun');
  await job.steps.step(`layer-${layer.name}`, `Layer ${layer.name}`, async (step) => {
    for (const provisioner of layer.provisioners)
      await job.steps.part(step, provisioner.name, () => provision(job, builder, step, provisioner));
    step.summary = `${count(layer.provisioners.length, 'provisioner')}; ${reason}`;
  });
  note('provisioned');
}

async function provision(
  job: BuildJob,
  builder: Builder,
  step: Step,
  provisioner: Provisioner,
): Promise<void> {
  step.progress(provisioner.name);
  if (provisioner.kind === 'upload') {
    const { files, to, owner, name, timeout, label } = provisioner;
    const options = { owner, name, timeout, modifiedAt: job.run.startedAt, signal: job.run.signal };
    const result = await builder.communicator.upload(files, to, options);
    if (result.exitCode === 0) return;
    throw new BakeError(`${label} could not be copied to ${to}: ${result.tail.at(-1) ?? 'no reason given'}`, {
      details: result.tail,
    });
  }
  for (let attempt = 0; ; attempt++) {
    const result = await runScript(job, builder, step, provisioner);
    if (result.exitCode === 0) {
      if (!provisioner.reboot) return;
      step.progress(`rebooting after ${provisioner.name}`);
      return await rebootBuilder(job, builder);
    }
    const error = failureOf(provisioner, result);
    if (attempt >= provisioner.retries) throw error;
    job.run.warn(`${error.message}; trying again (${attempt + 1} of ${provisioner.retries})`);
  }
}

const runScript = (
  job: BuildJob,
  builder: Builder,
  step: Step,
  script: ScriptProvisioner,
): Promise<ScriptResult> =>
  builder.communicator.run(script.content, {
    name: script.name,
    strict: script.kind === 'inline',
    arguments: script.arguments,
    environment: { ...script.environment, ...script.secrets },
    timeout: script.timeout,
    onLine: (line) => step.output(script.name, line),
    signal: job.run.signal,
  });

/** "provisioners/app.sh line 12: command `useradd worker` failed with exit code 9". */
function failureOf(script: ScriptProvisioner, result: ScriptResult): BakeError {
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
