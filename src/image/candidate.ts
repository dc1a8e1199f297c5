import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Cloud, Image } from '../clouds/cloud.ts';
import { LARGEST_USER_DATA } from '../clouds/limits.ts';
import { renderUserData } from '../fleet/render.ts';
import { BakeError, DeadlineExceeded, messageOf, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { TAG } from '../run/tags.ts';
import { type Builder, launchBuilder } from './builder.ts';
import { candidateScript, candidateUserData } from './candidate-script.ts';
import type { BuildJob } from './job.ts';
import type { Check } from './manifest.ts';
import { paceOf } from './pace.ts';

/** Lines of the console that tell why a machine did not come up. */
const CONSOLE_LINES = 30;
/** How much longer than its checks the test's script may take. Milliseconds. */
const GRACE = 60_000;

/** The image itself failed its test; any other error of the test says nothing about the image. */
export class UnfitImage extends BakeError {}

/**
 * The candidate test (`image.test`): boots the new image once, with user data in check mode, runs its checks on it, and ends the
 * machine. Returns the checklist. Fails with `UnfitImage`, which tells what failed and the console's last lines, when the machine does
 * not answer or a check fails; the image is not touched.
 */
export async function testCandidate(job: BuildJob, image: Image): Promise<Check[]> {
  const { run, cloud, project, steps } = job;
  const { test, builder: config } = project.config.image;
  if (!test) return [];
  const userData = await checkModeUserData(job, image);
  const candidate = await launchBuilder(job, image, {
    name: 'candidate',
    step: 'candidate-launch',
    firstBoot: (reach) => candidateUserData(reach, userData),
  });
  try {
    return await steps.step('candidate', `Test the image on ${candidate.instanceId}`, async (step) => {
      const pace = paceOf(job, 'boot', 'boot');
      await candidate.communicator.ready({ timeout: config.readyTimeout, signal: run.signal, pace });
      const script = candidateScript(test.checks, test.timeout, userData !== undefined);
      const checklist: Check[] = [];
      const result = await candidate.communicator.run(script, {
        name: 'candidate-test',
        timeout: test.timeout + GRACE,
        signal: run.signal,
        onLine: (line) => {
          const check = parseCheck(line);
          if (check) checklist.push(check);
          else step.output('candidate', line);
        },
      });
      if (result.exitCode !== 0)
        throw new UnfitImage('the candidate test broke off', { details: result.tail });
      const failed = checklist.filter(({ ok }) => !ok);
      if (failed.length > 0) throw unfit(image.id, failed);
      step.summary =
        checklist.length > 0 ? `${count(checklist.length, 'check')} passed` : 'it boots and answers';
      return checklist;
    });
  } catch (error) {
    throw await withConsole(cloud, candidate, error);
  } finally {
    await candidate.remove().catch((error: unknown) => run.warn(messageOf(error)));
  }
}

async function checkModeUserData({ cloud, project }: BuildJob, image: Image): Promise<string | undefined> {
  const file = project.config.image.test?.userData;
  if (file === undefined) return undefined;
  const text = await readFile(resolve(project.directory, file), 'utf8').catch((error: unknown) => {
    throw usageError(`image.test.userData: ${file} cannot be read: ${messageOf(error)}`);
  });
  const values = {
    release: image.tags[TAG.release] ?? '',
    project: project.config.project,
    environment: project.environment,
    region: cloud.region,
    image: image.id,
    vars: project.config.fleet?.variables ?? {},
  };
  return renderUserData(file, text, values, LARGEST_USER_DATA[cloud.kind]);
}

/** `ok<TAB>check` or `fail<TAB>check<TAB>detail`. */
function parseCheck(line: string): Check | undefined {
  const [outcome, check, detail] = line.split('\t');
  if ((outcome !== 'ok' && outcome !== 'fail') || check === undefined) return undefined;
  return { check, ok: outcome === 'ok', ...(detail ? { detail } : {}) };
}

function unfit(imageId: string, failed: Check[]): UnfitImage {
  const lines = failed.map(({ check, detail }) => `${check}${detail ? `: ${detail}` : ''}`);
  const more = lines.length > 1 ? ` (and ${lines.length - 1} more)` : '';
  return new UnfitImage(`image ${imageId} failed its test: ${lines[0]}${more}`, {
    details: lines.slice(1),
    hint: 'It did not become a release.',
  });
}

/** What the machine wrote while it booted tells most. */
async function withConsole(cloud: Cloud, candidate: Builder, error: unknown): Promise<unknown> {
  if (!(error instanceof DeadlineExceeded) && !(error instanceof UnfitImage)) return error;
  const console = await cloud.instances.console(candidate.instanceId).catch(() => '');
  const lines = console.trimEnd().split('\n').filter(Boolean).slice(-CONSOLE_LINES);
  return new UnfitImage(error.message, {
    hint: error.hint,
    details: [...error.details, ...lines.map((line) => `console: ${line}`)],
    exitCode: error.exitCode,
    cause: error,
  });
}
