import { readFileSync } from 'node:fs';
import type { ImageConfig } from '../config/schema.ts';
import { BakeError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Builder } from './builder.ts';
import { digest } from './fingerprints.ts';
import type { BuildJob } from './job.ts';
import type { Check } from './manifest.ts';

/** How long clean-up and verification may take. */
const TIMEOUT = 15 * 60_000;

const shipped = (name: string): string =>
  readFileSync(new URL(`../../provisioners/${name}.sh`, import.meta.url), 'utf8');

/** Stands for all that is done to a finished image, in the fingerprint of its last layer. */
export const closingDigest = (verify: ImageConfig['verify']): string =>
  digest([shipped('cleanup'), shipped('verify'), verify]);

/** Writes `/etc/bake-release` into the image and removes what must not be in it. */
export async function cleanUp(
  job: BuildJob,
  builder: Builder,
  release: Record<string, string>,
): Promise<void> {
  const { run, steps } = job;
  await steps.step('cleanup', 'Clean up', async (step) => {
    const lines = Object.entries(release).map(([key, value]) => `${key}=${value}\n`);
    const file = { path: '', kind: 'file', mode: 0o644, content: Buffer.from(lines.join('')) } as const;
    const written = await builder.communicator.upload([file], '/etc/bake-release', {
      name: 'bake-release',
      owner: 'root:root',
      modifiedAt: run.startedAt,
      timeout: TIMEOUT,
      signal: run.signal,
    });
    if (written.exitCode !== 0) {
      throw new BakeError('/etc/bake-release could not be written', { details: written.tail });
    }
    const result = await builder.communicator.run(shipped('cleanup'), {
      name: 'cleanup.sh',
      timeout: TIMEOUT,
      onLine: (line) => step.output('cleanup', line),
      signal: run.signal,
    });
    if (result.exitCode === 0) return;
    const where = result.failure ? ` in line ${result.failure.line}: \`${result.failure.command}\`` : '';
    throw new BakeError(`clean-up failed${where}`, { details: result.tail });
  });
}

/** Checks the cleaned builder. A failed check ends the build before the snapshot, naming what failed, never a value. */
export async function verify(job: BuildJob, builder: Builder, baseCreatedAt: number): Promise<Check[]> {
  const { run, project, steps } = job;
  const { files, absent, commands, services } = project.config.image.verify;
  return await steps.step('verify', 'Verify', async (step) => {
    const checklist: Check[] = [];
    const result = await builder.communicator.run(shipped('verify'), {
      name: 'verify.sh',
      environment: {
        BAKE_BASE_CREATED: String(Math.floor(baseCreatedAt / 1000)),
        BAKE_VERIFY_FILES: files.join('\n'),
        BAKE_VERIFY_ABSENT: absent.join('\n'),
        BAKE_VERIFY_COMMANDS: commands.join('\n'),
        BAKE_VERIFY_SERVICES: services.join('\n'),
      },
      timeout: TIMEOUT,
      onLine: (line) => {
        const check = parseCheck(line);
        if (check) checklist.push(check);
        else step.output('verify', line);
      },
      signal: run.signal,
    });
    const failed = checklist.filter((check) => !check.ok);
    if (failed.length > 0) throw notClean(failed);
    if (result.exitCode !== 0) throw new BakeError('verification broke off', { details: result.tail });
    step.summary = `${count(checklist.length, 'check')} passed`;
    return checklist;
  });
}

/** `ok<TAB>check` or `fail<TAB>check<TAB>detail`. */
function parseCheck(line: string): Check | undefined {
  const [outcome, check, detail] = line.split('\t');
  if ((outcome !== 'ok' && outcome !== 'fail') || check === undefined) return undefined;
  return { check, ok: outcome === 'ok', detail };
}

function notClean(failed: Check[]): BakeError {
  const lines = failed.map(({ check, detail }) => `${check}: ${detail}`);
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : '';
  return new BakeError(`the image failed verification: ${lines[0]}${more}`, {
    details: lines,
    hint: 'No image was made. Let a provisioner put it right, or leave the file out of an upload with `ignore`.',
  });
}
