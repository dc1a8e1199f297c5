import { BakeError, messageOf } from '../run/errors.ts';
import type { Step } from '../run/run.ts';
import type { Rollout } from './context.ts';
import { fleetNow } from './fleet-now.ts';
import { turnBack, watchToEnd } from './rollback.ts';

/** What becomes of a rollout whose run is interrupted. */
export type InterruptChoice = 'rollback' | 'leave' | 'cancel';

/** Says it at once (CI has ten seconds between asking and killing), or asks somebody, once `ended`: until then others speak. */
export type Chooser = (ended: Promise<void>) => InterruptChoice | Promise<InterruptChoice>;

/**
 * Waits for the run to be interrupted, and makes the call that decides then and there, whatever the rollout is waiting for: what comes
 * after it (following it, verifying it) the cloud does not need bake for.
 */
export class Interruption {
  readonly #rollout: Rollout;
  readonly #refreshId: string;
  readonly #choose: Chooser;
  #chosen: Promise<InterruptChoice> | undefined;
  readonly #ended: Promise<void>;
  #end: () => void = () => {};

  constructor(rollout: Rollout, refreshId: string, choose: Chooser) {
    this.#rollout = rollout;
    this.#refreshId = refreshId;
    this.#choose = choose;
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    const { signal } = rollout.run;
    if (signal.aborted) this.#decide();
    else signal.addEventListener('abort', this.#decide, { once: true });
  }

  /** Resolves when the deciding call has been made; undefined when there was no interruption. */
  get chosen(): Promise<InterruptChoice> | undefined {
    return this.#chosen;
  }

  /** Nothing waits for the rollout any more: from now on there is nothing to be interrupted. */
  over(): void {
    this.#end();
    this.#rollout.run.signal.removeEventListener('abort', this.#decide);
  }

  readonly #decide = () => {
    this.#chosen = this.#act();
    this.#chosen.catch(() => {}); // Whoever awaits it hears of it.
  };

  async #act(): Promise<InterruptChoice> {
    const { cloud, before, hold } = this.#rollout;
    const choice = await this.#choose(this.#ended);
    if (choice === 'rollback') await turnBack(this.#rollout, this.#refreshId);
    if (choice === 'cancel') await cloud.refreshes.cancel(before.group.name);
    if (choice !== 'rollback') await hold.letGo();
    return choice;
  }
}

/** The end of a rollout that goes on in the cloud without bake. Exit code 130. */
export async function leaveRunning({ lock, release, before }: Rollout): Promise<BakeError> {
  await lock.leave();
  return new BakeError(
    `interrupted: the rollout of release ${release} to ${before.group.name} goes on in the cloud without bake, which has not tested it to the end`,
    {
      exitCode: 130,
      hint: '`bake rollout --resume` follows it, tests it and marks it as verified; `bake status --watch` shows it; `bake rollback` takes it back.',
    },
  );
}

/** The end of a rollout that was cancelled where it was: waits until nothing moves any more, and says what the fleet is now. Exit code 130. */
export async function afterCancel(rollout: Rollout, refreshId: string): Promise<BakeError> {
  const { run, release } = rollout;
  const state = await run
    .step('rollout.cancel', 'Cancelling the rollout', async (step: Step) => {
      const refresh = await watchToEnd(rollout, refreshId, step);
      step.summary = refresh.state;
      return refresh.state;
    })
    .catch((error: unknown) => messageOf(error));
  const words =
    state === 'cancelled'
      ? `was cancelled where it was`
      : `could not be cancelled any more (the instance refresh is ${state})`;
  return new BakeError(`interrupted: the rollout of release ${release} ${words}`, {
    exitCode: 130,
    details: [await fleetNow(rollout)],
    hint: `\`bake rollout --release ${release}\` finishes it, \`bake rollback\` takes it back: until then the fleet may run both.`,
  });
}
