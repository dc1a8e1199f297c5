import { BakeError, messageOf } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { settleMessages } from '../smoke/settle.ts';
import { gatherEvidence } from '../upkeep/evidence.ts';
import { previousWords, type Rollout } from './context.ts';
import { endStateOf } from './end-state.ts';
import { rollBack } from './rollback.ts';

/**
 * The end of a rollout that failed or was interrupted: gathers evidence while the new instances are still there, rolls back,
 * follows the test messages to their end, and returns the error that tells all of it. Exit code 1, or 130 when interrupted.
 */
export async function undoRollout(rollout: Rollout, refreshId: string, cause: unknown): Promise<BakeError> {
  const { run, cloud, project, roster, before, release, version, since } = rollout;
  const interrupted = run.signal.aborted;
  const reason = interrupted ? 'interrupted' : messageOf(cause);
  const previous = await previousWords(rollout);
  const evidence = interrupted
    ? []
    : await gatherEvidence(run, cloud, project, {
        group: before.group.name,
        instances: roster.everOf(version),
        since,
      });
  const exitCode = interrupted ? 130 : 1;
  try {
    await run.step('rollout.rollback', `Rolling back to ${previous}`, (step) =>
      rollBack(rollout, refreshId, step),
    );
  } catch (error) {
    return new BakeError(
      `release ${release} (version ${version}) failed (${reason}), and so did the way back to ${previous}: ${messageOf(error)}`,
      {
        exitCode,
        cause,
        details: [...(await whatRuns(rollout)), ...evidence],
        hint: '`bake status` shows what runs where; `bake rollout --release` brings a release that works.',
      },
    );
  }
  const messages = interrupted ? [] : await settle(rollout);
  const { desired } = await roster.look();
  return new BakeError(
    `release ${release} (version ${version}) was rolled back: ${reason}. The fleet is back on ${previous} on ${desired === 1 ? 'its 1 instance' : `all ${desired} instances`}`,
    { exitCode, cause, details: [...evidence, ...messages], hint: '`bake status` shows what runs where.' },
  );
}

async function settle(rollout: Rollout): Promise<string[]> {
  const { run, cloud, project, roster, baseline } = rollout;
  const { sqs } = project.config.smoke;
  if (!sqs || baseline.ledger.messages.length === 0) return [];
  return run
    .step('rollout.messages', 'Following the test messages to their end', async (step) => {
      const { ledger, deadLetters: deadLettersBefore } = baseline;
      const sentences = await settleMessages({ run, cloud, roster, ledger, step, deadLettersBefore }, sqs);
      step.summary = sentences.join('; ');
      return sentences;
    })
    .catch((error: unknown) => [`what became of the test messages is not known: ${messageOf(error)}`]);
}

/** What a fleet that is neither here nor there runs now, and what it would launch next. */
async function whatRuns({ roster, before, config }: Rollout): Promise<string[]> {
  try {
    const group = await roster.look();
    const versions = new Map<string, number>();
    for (const { templateVersion } of group.instances) {
      const name = (await roster.releaseOf(templateVersion)) ?? `version ${templateVersion}`;
      versions.set(name, (versions.get(name) ?? 0) + 1);
    }
    const running = [...versions].map(([name, n]) => `${count(n, 'instance')} of release ${name}`).join(', ');
    const { words } = endStateOf(group, before.previous.version, config);
    return [`now: ${running} (${words}); a new instance would get version ${group.template.version}`];
  } catch (error) {
    return [`what runs now cannot be told: ${messageOf(error)}`];
  }
}
