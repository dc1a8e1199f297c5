import type { LogEvent } from '../clouds/cloud.ts';

const MOST_LINES = 8;
const LONGEST_LINE = 400;

/** Numbers, ids and times differ from line to line of the same error. */
const sameness = (text: string) => text.replace(/\b[0-9a-f]{8,}\b|\d+/gi, '#');

/** Log lines to read: the same error once with its count, the instance in front, at most eight. Pure. */
export function logLines(events: LogEvent[]): string[] {
  const groups = new Map<string, { event: LogEvent; times: number }>();
  for (const event of events) {
    const key = sameness(event.message);
    const known = groups.get(key);
    if (known) known.times++;
    else groups.set(key, { event, times: 1 });
  }
  const lines = [...groups.values()].map(({ event, times }) => {
    const where = /i-[0-9a-f]{8,17}/.exec(event.stream)?.[0] ?? event.stream;
    const text = event.message.trim().slice(0, LONGEST_LINE);
    return `${where}: ${text}${times > 1 ? ` (${times} times)` : ''}`;
  });
  const more = lines.length - MOST_LINES;
  return more > 0 ? [...lines.slice(0, MOST_LINES), `… and ${more} other errors`] : lines;
}
