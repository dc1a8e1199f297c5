import { BakeError, messageOf } from '../run/errors.ts';
import { settleMessages } from '../smoke/settle.ts';
import { gatherEvidence } from '../upkeep/evidence.ts';
import { previousWords, type Rollout } from './context.ts';
import { fleetNow } from './fleet-now.ts';
import { rollBack } from './rollback.ts';

/**
 * The end of a rollout that failed or was interrupted: gathers evidence while the new instances are still there, rolls back,
 * follows the test messages to their end, and returns the error that tells all of it. Exit code 1, or 130 when interrupted.
 */
export async function undoRollout(
  rollout: Rollout,
  refreshId: string | undefined,
  cause: unknown,
): Promise<BakeError> {
  const { run, cloud, project, roster, lock, before, release, version, since } = rollout;
  const interrupted = run.signal.aborted;
  const reason = interrupted ? 'interrupted' : messageOf(cause);
  const known = cause instanceof BakeError ? cause.details : [];
  const previous = await previousWords(rollout);
  const instances = roster.everOf(version);
  const about = { group: before.group.name, instances, since };
  const gathered = interrupted ? [] : await gatherEvidence(run, cloud, project, about);
  const evidence = [...known, ...gathered.filter((line) => !reason.includes(line) && !known.includes(line))];
  const exitCode = interrupted ? 130 : 1;
  try {
    await lock.note({ phase: ROLLING_BACK, reason }).catch(() => {}); // A rollback does not wait for anything.
    await run.step('rollout.rollback', `Rolling back to ${previous}`, (step) =>
      rollBack(rollout, refreshId, step),
    );
  } catch (error) {
    await lock.leave();
    return new BakeError(
      `release ${release} (version ${version}) failed (${reason}), and so did the way back to ${previous}: ${messageOf(error)}`,
      {
        exitCode,
        cause,
        details: [await fleetNow(rollout), ...evidence],
        hint: '`bake status` shows what runs where; `bake rollout --resume` tries the way back again, `bake rollback --to` another one.',
      },
    );
  }
  run.fact('rolled-back', { release, reason });
  const messages = interrupted ? [] : await settle(rollout);
  const { desired } = await roster.look();
  return new BakeError(
    `release ${release} (version ${version}) was rolled back: ${reason}. The fleet is back on ${previous} on ${desired === 1 ? 'its 1 instance' : `all ${desired} instances`}`,
    { exitCode, cause, details: [...evidence, ...messages], hint: '`bake status` shows what runs where.' },
  );
}

/** The phase of a rollout that is being undone, in its record. */
export const ROLLING_BACK = 'rolling-back';

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
