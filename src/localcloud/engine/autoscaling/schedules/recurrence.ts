import { Cron } from 'croner';
import { invalid } from '../groups.ts';

/** The first moment after `after` that a cron expression names in its time zone; undefined when there is none. Throws ValidationError. */
export function nextRecurrence(recurrence: string, timeZone: string, after: number): number | undefined {
  try {
    const cron = new Cron(recurrence, { mode: '5-part', timezone: timeZone, paused: true });
    return cron.nextRun(new Date(after))?.getTime();
  } catch {
    throw invalid(`Given recurrence string: ${recurrence} is invalid`);
  }
}

/** Throws ValidationError unless it is an IANA time zone. */
export function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
  } catch {
    throw invalid(`Given time zone: ${timeZone} is invalid`);
  }
}
