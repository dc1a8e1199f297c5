import type { FetchFunction } from '@slack/web-api';
import type { Clock } from '../run/clock.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import { type SlackError, slackErrorOf, TooManyRequests } from './errors.ts';

/** How long one request may take, milliseconds. */
export const REQUEST_TIMEOUT = 10_000;
/** How long to go on with what fails for a reason that passes, milliseconds. */
const PATIENCE = 60_000;

/** Requests that end when the signal aborts, and tell for how long Slack wants to be left alone: its SDKs do neither. */
export const fetchUntil =
  (ended: AbortSignal): FetchFunction =>
  async (url, init = {}) => {
    const signal = init.signal ? AbortSignal.any([init.signal, ended]) : ended;
    const response = await fetch(url, { ...init, signal });
    if (response.status !== 429) return response;
    const seconds = Number(response.headers.get('retry-after'));
    throw new TooManyRequests(1_000 * (Number.isFinite(seconds) && seconds > 0 ? seconds : 1));
  };

/** Calls again while the reason passes, as late as Slack asks for. Throws `SlackError`; `about` is what was not done. */
export async function patiently<T>(
  call: () => Promise<T>,
  { about, clock, signal }: { about: string; clock: Clock; signal: AbortSignal },
): Promise<T> {
  let last: SlackError | undefined;
  const attempt = async () => {
    try {
      return { done: true as const, value: await call() };
    } catch (thrown) {
      last = slackErrorOf(thrown, about);
      if (!last.passes || signal.aborted) throw last;
      return { done: false as const, state: last.message, after: last.retryAfter };
    }
  };
  try {
    const interval = { first: 500, longest: 10_000 };
    return await poll(attempt, { what: 'Slack to take it', timeout: PATIENCE, clock, signal, interval });
  } catch (error) {
    throw error instanceof DeadlineExceeded && last ? last : error;
  }
}
