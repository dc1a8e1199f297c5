import type { ScriptTask, Task } from '../communicators/communicator.ts';
import type { ImageConfig } from '../config/schema.ts';
import { shippedScript } from '../config/shipped.ts';
import { BakeError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Step } from '../run/run.ts';
import type { Builder } from './builder.ts';
import { digest } from './fingerprints.ts';
import type { BuildJob } from './job.ts';
import type { Check } from './manifest.ts';
import { type Inventory, PACKAGE_LIST, parseInventory } from './packages.ts';
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

/** What is known of a builder that may become an image. */
export interface Finished {
  inventory: Inventory;
  checklist: Check[];
}

/**
 * The last work on a builder, in one go: lists the packages, writes `/etc/bake-release`, removes what must not be in the image, and
 * checks it. A failed check ends the build before the snapshot, naming what failed, never a value.
 */
export async function finishBuilder(job: BuildJob, builder: Builder, finish: Finish): Promise<Finished> {
  const { run, project, steps } = job;
  return await steps.step('finish', 'Clean up and verify', async (step) => {
    const packages: string[] = [];
    const checklist: Check[] = [];
    const release = Object.entries(finish.release).map(([key, value]) => `${key}=${value}\n`);
    const tasks: Task[] = [
      { name: 'packages', script: PACKAGE_LIST, timeout: TIMEOUT, onLine: (line) => packages.push(line) },
      {
        name: 'bake-release',
        files: [{ path: '', kind: 'file', mode: 0o644, content: Buffer.from(release.join('')) }],
        to: '/etc/bake-release',
        owner: 'root:root',
        modifiedAt: run.startedAt,
        timeout: TIMEOUT,
      },
      ...secretTasks(finish.layers),
      {
        name: 'cleanup.sh',
        script: shippedScript('cleanup'),
        environment: { BAKE_BASE_CREATED: seconds(finish.baseCreatedAt) },
        timeout: TIMEOUT,
        onLine: (line) => step.output('cleanup', line),
      },
      verifyTask(step, checklist, finish.baseCreatedAt, expectations(project.config.image.verify)),
    ];
    await inOneGo(job, builder, step, tasks, 'the image', checklist);
    const inventory = parseInventory(packages);
    step.summary = `${count(checklist.length, 'check')} passed, ${count(inventory.packages.length, 'package')}`;
    return { inventory, checklist };
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
  const secrets = secretTasks(layers);
  if (secrets.length === 0) return;
  const { name } = layers.at(-1)!;
  await job.steps.step(`verify-${name}`, `Verify layer ${name}`, async (step) => {
    const checklist: Check[] = [];
    const tasks = [
      ...secrets,
      { name: 'forget.sh', script: shippedScript('forget'), timeout: TIMEOUT },
      verifyTask(step, checklist, baseCreatedAt, { BAKE_VERIFY_ONLY: 'secrets' }),
    ];
    await inOneGo(job, builder, step, tasks, `layer ${name}`, checklist);
  });
}

/** Fails for the first task that fails, and for checks that did. */
async function inOneGo(
  { run, steps }: BuildJob,
  builder: Builder,
  step: Step,
  tasks: Task[],
  what: string,
  checklist: Check[],
): Promise<void> {
  const expected = steps.expected(
    step.name,
    tasks.map(({ name }) => name),
  );
  const results = await builder.communicator.perform(tasks, {
    signal: run.signal,
    expected,
    flush: true,
    quiet: true,
  });
  for (const [index, { durationMs }] of results.entries()) steps.took(step, tasks[index]!.name, durationMs);
  const failed = checklist.filter((check) => !check.ok);
  if (failed.length > 0) throw notClean(what, failed);
  const last = results.at(-1)!;
  if (last.exitCode === 0) return;
  const where = last.failure ? ` in line ${last.failure.line}: \`${last.failure.command}\`` : '';
  throw new BakeError(`${tasks[results.length - 1]!.name} failed${where}`, { details: last.tail });
}

const seconds = (milliseconds: number): string => String(Math.floor(milliseconds / 1000));

/** Lays what verification looks for where it finds it. */
function secretTasks(layers: PlannedLayer[]): ScriptTask[] {
  const lines = secretLines(layers);
  if (lines.length === 0) return [];
  const script = `umask 077\nprintf %s "$BAKE_SECRETS" >${SECRETS}\n`;
  return [
    { name: 'secrets', script, strict: true, secrets: { BAKE_SECRETS: lines.join('') }, timeout: TIMEOUT },
  ];
}

const verifyTask = (
  step: Step,
  checklist: Check[],
  baseCreatedAt: number,
  wanted: Record<string, string>,
): ScriptTask => ({
  name: 'verify.sh',
  script: shippedScript('verify'),
  environment: { BAKE_BASE_CREATED: seconds(baseCreatedAt), BAKE_VERIFY_SECRETS: SECRETS, ...wanted },
  timeout: TIMEOUT,
  onLine: (line) => {
    const check = parseCheck(line);
    if (check) checklist.push(check);
    else step.output('verify', line);
  },
});

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
