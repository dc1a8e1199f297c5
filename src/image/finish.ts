import type { ImageConfig } from '../config/schema.ts';
import { shippedScript } from '../config/shipped.ts';
import { BakeError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Step } from '../run/run.ts';
import type { Builder } from './builder.ts';
import { digest } from './fingerprints.ts';
import type { BuildJob } from './job.ts';
import type { Check } from './manifest.ts';
import type { PlannedLayer } from './plan.ts';
import { secretLines } from './secret-lines.ts';

/** How long clean-up and verification may take. */
const TIMEOUT = 15 * 60_000;

/** On tmpfs, so that it is not in the image. Brought before clean-up, which removes what the way there left on the disk. */
const SECRETS = '/run/bake-secrets';

/** Stands for all that is done to a finished image, in the fingerprint of its last layer. */
export const closingDigest = (verify: ImageConfig['verify']): string =>
  digest([shippedScript('cleanup'), shippedScript('verify'), verify]);

/** What clean-up and verification have to know. */
export interface Finish {
  /** Contents of `/etc/bake-release`. */
  release: Record<string, string>;
  /** Their provisioners' secrets must be nowhere in the image. */
  layers: PlannedLayer[];
  /** Milliseconds since the epoch: what changed later is looked into. */
  baseCreatedAt: number;
}

/** Writes `/etc/bake-release` into the image and removes what must not be in it. */
export async function cleanUp(job: BuildJob, builder: Builder, finish: Finish): Promise<void> {
  const { run, steps } = job;
  await steps.step('cleanup', 'Clean up', async (step) => {
    const lines = Object.entries(finish.release).map(([key, value]) => `${key}=${value}\n`);
    await place(job, builder, '/etc/bake-release', lines.join(''), 0o644);
    const secrets = secretLines(finish.layers);
    if (secrets.length > 0) await place(job, builder, SECRETS, secrets.join(''), 0o600);
    const result = await builder.communicator.run(shippedScript('cleanup'), {
      name: 'cleanup.sh',
      environment: { BAKE_BASE_CREATED: seconds(finish.baseCreatedAt) },
      timeout: TIMEOUT,
      onLine: (line) => step.output('cleanup', line),
      signal: run.signal,
    });
    if (result.exitCode === 0) return;
    const where = result.failure ? ` in line ${result.failure.line}: \`${result.failure.command}\`` : '';
    throw new BakeError(`clean-up failed${where}`, { details: result.tail });
  });
}

const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));

async function place(job: BuildJob, builder: Builder, path: string, text: string, mode: number) {
  const file = { path: '', kind: 'file', mode, content: Buffer.from(text) } as const;
  const written = await builder.communicator.upload([file], path, {
    name: path.replace(/^.*\//, ''),
    owner: 'root:root',
    modifiedAt: job.run.startedAt,
    timeout: TIMEOUT,
    signal: job.run.signal,
  });
  if (written.exitCode !== 0) throw new BakeError(`${path} could not be written`, { details: written.tail });
}

/** Checks the cleaned builder. A failed check ends the build before the snapshot, naming what failed, never a value. */
export async function verify(job: BuildJob, builder: Builder, finish: Finish): Promise<Check[]> {
  const { project, steps } = job;
  return await steps.step('verify', 'Verify', async (step) => {
    const wanted = expectations(project.config.image.verify);
    const checklist = await runVerify(job, builder, step, 'the image', finish.baseCreatedAt, wanted);
    step.summary = `${count(checklist.length, 'check')} passed`;
    return checklist;
  });
}

/**
 * Before the image of a lower layer, which is kept as well: it must not hold a secret that a provisioner was given up to there.
 * Layers without secrets cost nothing.
 */
export async function verifyLayer(
  job: BuildJob,
  builder: Builder,
  layers: PlannedLayer[],
  baseCreatedAt: number,
): Promise<void> {
  const secrets = secretLines(layers);
  if (secrets.length === 0) return;
  const { name } = layers.at(-1)!;
  await job.steps.step(`verify-${name}`, `Verify layer ${name}`, async (step) => {
    await place(job, builder, SECRETS, secrets.join(''), 0o600);
    const options = { name: 'forget.sh', timeout: TIMEOUT, signal: job.run.signal };
    const forgotten = await builder.communicator.run(shippedScript('forget'), options);
    if (forgotten.exitCode !== 0) throw new BakeError('clean-up failed', { details: forgotten.tail });
    await runVerify(job, builder, step, `layer ${name}`, baseCreatedAt, { BAKE_VERIFY_ONLY: 'secrets' });
  });
}

async function runVerify(
  job: BuildJob,
  builder: Builder,
  step: Step,
  what: string,
  baseCreatedAt: number,
  wanted: Record<string, string>,
): Promise<Check[]> {
  const checklist: Check[] = [];
  const result = await builder.communicator.run(shippedScript('verify'), {
    name: 'verify.sh',
    environment: { BAKE_BASE_CREATED: seconds(baseCreatedAt), BAKE_VERIFY_SECRETS: SECRETS, ...wanted },
    timeout: TIMEOUT,
    onLine: (line) => {
      const check = parseCheck(line);
      if (check) checklist.push(check);
      else step.output('verify', line);
    },
    signal: job.run.signal,
  });
  const failed = checklist.filter((check) => !check.ok);
  if (failed.length > 0) throw notClean(what, failed);
  if (result.exitCode !== 0) throw new BakeError('verification broke off', { details: result.tail });
  return checklist;
}

/** What the configuration asks for, as verify.sh reads it: a line each, columns parted by tabs. */
function expectations({ files, absent, commands, services, allow }: ImageConfig['verify']) {
  const file = (wanted: (typeof files)[number]) =>
    typeof wanted === 'string' ? [wanted, '', ''] : [wanted.path, wanted.owner, wanted.mode];
  const service = (wanted: (typeof services)[number]) =>
    typeof wanted === 'string' ? [wanted, ''] : [wanted.name, wanted.user];
  return {
    BAKE_VERIFY_FILES: files.map((wanted) => file(wanted).join('\t')).join('\n'),
    BAKE_VERIFY_ABSENT: absent.join('\n'),
    BAKE_VERIFY_COMMANDS: commands.join('\n'),
    BAKE_VERIFY_SERVICES: services.map((wanted) => service(wanted).join('\t')).join('\n'),
    BAKE_VERIFY_ALLOW: allow.join('\n'),
  };
}

/** `ok<TAB>check` or `fail<TAB>check<TAB>detail`. */
function parseCheck(line: string): Check | undefined {
  const [outcome, check, detail] = line.split('\t');
  if ((outcome !== 'ok' && outcome !== 'fail') || check === undefined) return undefined;
  return { check, ok: outcome === 'ok', detail };
}

function notClean(what: string, failed: Check[]): BakeError {
  const lines = failed.map(({ check, detail }) => `${check}: ${detail}`);
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : '';
  return new BakeError(`${what} failed verification: ${lines[0]}${more}`, {
    details: lines,
    hint: failed.some(({ check }) => /development tools|programs that run/.test(check))
      ? 'No image was made. Remove the program in a provisioner, or allow it by name in image.verify.allow.'
      : 'No image was made. Let a provisioner put it right, or leave the file out of an upload with `ignore`.',
  });
}
