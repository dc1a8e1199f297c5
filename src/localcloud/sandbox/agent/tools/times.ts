import { parseTimeSpan } from '../units/time-span.ts';

/** systemd.time(7) timestamps as journalctl takes them: `2026-01-02 10:00:00`, `10:00`, `today`, `-5min`, `5 min ago`, `@1700000000`. */
export function parseTimestamp(text: string, now = Date.now()): number | undefined {
  const trimmed = text.trim();
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const words: Record<string, number> = { now, today: midnight, yesterday: midnight - 86_400_000 };
  if (trimmed in words) return words[trimmed];
  if (/^@\d+(\.\d+)?$/.test(trimmed)) return Number(trimmed.slice(1)) * 1_000;
  const ago = /^-(.+)$/.exec(trimmed) ?? /^(.+?)\s+ago$/.exec(trimmed);
  if (ago) {
    const span = parseTimeSpan(ago[1] as string);
    return span === undefined ? undefined : now - span;
  }
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(trimmed);
  if (clock) return new Date(now).setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0), 0);
  const date = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?\s*(UTC|Z)?$/.exec(trimmed);
  if (!date) return undefined;
  const at = Date.parse(`${date[1]}T${date[2] ?? '00:00'}${date[3] ? 'Z' : ''}`);
  return Number.isNaN(at) ? undefined : at;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const two = (number: number) => String(number).padStart(2, '0');
const clockOf = (at: Date) => [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
const dateOf = (at: Date) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;

/** `Nov 21 08:15:00`, as syslog and `journalctl -o short` have it. */
export function shortTime(ms: number): string {
  const at = new Date(ms);
  return `${MONTHS[at.getMonth()]} ${two(at.getDate())} ${clockOf(at)}`;
}

/** `Sat 2026-11-21 08:15:00 UTC`, as systemctl shows times. Empty for undefined. */
export function longTime(ms: number | undefined): string {
  if (ms === undefined) return '';
  const at = new Date(ms);
  const zone = /\(([^)]+)\)|([A-Z]{2,5})$/.exec(
    at.toLocaleTimeString('en-US', { timeZoneName: 'short', hour12: false }),
  );
  return `${DAYS[at.getDay()]} ${dateOf(at)} ${clockOf(at)} ${zone?.[2] ?? 'UTC'}`;
}
