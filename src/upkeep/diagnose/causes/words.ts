import { count } from '../../../run/format.ts';
import type { Facts } from '../facts.ts';

const MOST_NAMED = 3;

/** "on i-1", "on 2 of 3 instances (i-1, i-2)". */
export function onInstances(ids: string[], { instances }: Pick<Facts, 'instances'>): string {
  const unique = [...new Set(ids)];
  if (unique.length === 1 && instances.length > 1)
    return `on ${unique[0]} (1 of ${instances.length} instances)`;
  if (unique.length === 1) return `on ${unique[0]}`;
  const named = unique.slice(0, MOST_NAMED).join(', ') + (unique.length > MOST_NAMED ? ', …' : '');
  return `on ${unique.length} of ${count(instances.length, 'instance')} (${named})`;
}

/** Every line once, in order, at most `most`. */
export const fewLines = (lines: string[], most = 6): string[] => {
  const unique = [...new Set(lines)];
  const more = unique.length - most;
  return more > 0 ? [...unique.slice(0, most), `… and ${more} more`] : unique;
};

/** Items by what they have in common, the most frequent first. */
export function groupedBy<T>(items: T[], key: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return [...groups].sort(([, a], [, b]) => b.length - a.length);
}
