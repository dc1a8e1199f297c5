/** systemd.time(7), milliseconds. */
const UNITS: [RegExp, number][] = [
  [/^(usec|us|µs)$/, 0.001],
  [/^(msec|ms)$/, 1],
  [/^(seconds?|sec|s)?$/, 1_000],
  [/^(minutes?|min|m)$/, 60_000],
  [/^(hours?|hr|h)$/, 3_600_000],
  [/^(days?|d)$/, 86_400_000],
  [/^(weeks?|w)$/, 604_800_000],
];

/** `90`, `1min 30s`, `500ms`, `infinity`, as milliseconds. Undefined when it is no time span. */
export function parseTimeSpan(text: string): number | undefined {
  if (text.trim() === 'infinity') return Number.POSITIVE_INFINITY;
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)\s*([a-zµ]*)\s*/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text.trim()) return undefined;
  let total = 0;
  for (const [, number, name = ''] of parts) {
    const unit = UNITS.find(([pattern]) => pattern.test(name));
    if (!unit) return undefined;
    total += Number(number) * unit[1];
  }
  return total;
}
