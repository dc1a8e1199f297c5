import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { BakeError, DeadlineExceeded, messageOf } from '../../run/errors.ts';
import { formatDuration } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Run } from '../../run/run.ts';
import { type HealthLook, healthScript, readHealth } from './health-script.ts';
import type { Host } from './host.ts';
import { lastWords } from './switch.ts';

/** A service that answers once may be going down again: it counts when two looks in succession find the same process well. */
export async function awaitHealth(
  run: Run,
  host: Host,
  config: InPlaceConfig,
  say: (words: string) => void = () => {},
): Promise<void> {
  const { timeout } = config.health;
  const until = run.clock.now() + timeout;
  let well: string | undefined;
  let last = 'nothing yet';
  const look = async () => {
    const { problem, process, failed } = await lookAtHealth(host, config);
    if (problem === undefined && process === well) return { done: true, value: undefined } as const;
    well = problem === undefined ? process : undefined;
    last = problem ?? 'well once';
    if (failed) throw new DeadlineExceeded(last);
    say(`${last} (${formatDuration(Math.max(0, until - run.clock.now()))} left)`);
    return { done: false, state: last, soon: problem === undefined } as const;
  };
  try {
    await poll(look, {
      what: 'health',
      timeout,
      clock: run.clock,
      signal: run.signal,
      interval: { first: 200, longest: 1_000 },
    });
  } catch (error) {
    if (!(error instanceof DeadlineExceeded)) throw error;
    const within = last === error.message ? '' : ` after ${formatDuration(timeout)}`;
    throw new BakeError(`${host.name}: not well${within}: ${last}`, {
      details: await lastWords(host, config.service).catch(() => []),
    });
  }
}

/** One look; a connection that breaks is a look that found nothing good. */
export async function lookAtHealth(host: Host, config: InPlaceConfig): Promise<HealthLook> {
  try {
    const { stdout } = await host.run(healthScript(config, host));
    return readHealth(stdout, config);
  } catch (error) {
    return { problem: messageOf(error), process: '', failed: false };
  }
}
