import { BakeError, messageOf } from '../../run/errors.ts';
import { settleMessages } from '../../smoke/settle.ts';
import { gatherEvidence } from '../../upkeep/evidence.ts';
import { type Change, lookAt, previousWords } from './context.ts';
import { goBack } from './go-back.ts';
import { mayHaveMoved, placeOf } from './phases.ts';

/** The same change, for what must come to its end whatever asks for an end: only a lost lock stops it. */
export const unstoppable = (change: Change): Change => ({
  ...change,
  run: change.run.part({ signal: change.lock.lost }),
});

/**
 * Undoes what the record says was begun. Returns the sentence that tells where the fleet is now. Where nothing of the fleet has been
 * touched there is nothing to undo.
 */
export async function undo(change: Change): Promise<string> {
  const place = placeOf(change.lock.record.phase);
  const calm = unstoppable(change);
  if ('back' in place) await goBack(calm, place.back);
  else if (place.forward !== 'clearing')
    await goBack(calm, mayHaveMoved(place.forward) ? 'going-back' : 'removing');
  const { from } = await lookAt(change);
  return `${change.from} serves with ${previousWords(change)} on ${from?.desired === 1 ? 'its 1 instance' : `all ${from?.desired} instances`}`;
}

/**
 * The end of a change of colours that failed or was interrupted: gathers evidence while the new instances are still there, goes back,
 * follows the test messages to their end, and returns the error that tells all of it. Exit code 1, or 130 when interrupted.
 */
export async function undone(change: Change, cause: unknown, interrupted: boolean): Promise<BakeError> {
  const { run, cloud, project, roster, release, template, since, lock } = change;
  const reason = interrupted ? 'interrupted' : messageOf(cause);
  const what = `release ${release} (version ${template.version})`;
  const exitCode = interrupted ? 130 : 1;
  const evidence = interrupted
    ? []
    : await gatherEvidence(run, cloud, project, {
        group: change.to,
        instances: roster.everOf(template.version),
        since,
      });
  const details = cause instanceof BakeError ? cause.details : [];
  let now: string;
  try {
    now = await undo(change);
  } catch (error) {
    if (lock.lost.aborted) return lostLock(change);
    return new BakeError(
      `${what} failed (${reason}), and so did the way back to ${previousWords(change)}: ${messageOf(error)}`,
      {
        exitCode,
        cause,
        details: [...details, ...evidence],
        hint: '`bake rollout --abort` tries the way back again; `bake status` shows what runs where.',
      },
    );
  }
  run.fact('rolled-back', { release, reason });
  await lock.release();
  const messages = interrupted ? [] : await settle(change);
  return new BakeError(`${what} was taken back: ${reason}. ${now}`, {
    exitCode,
    cause,
    details: [...details, ...evidence, ...messages],
    hint: '`bake status` shows what runs where.',
  });
}

async function settle(change: Change): Promise<string[]> {
  const { run, cloud, project, roster, baseline } = change;
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

/** Somebody else works on the fleet now: nothing more is done to it here. */
export const lostLock = ({ lock, release }: Change): BakeError =>
  new BakeError(
    `the change to release ${release} was given up where it was: ${messageOf(lock.lost.reason)}`,
    { hint: '`bake status` shows what runs where, and who works on it.' },
  );
