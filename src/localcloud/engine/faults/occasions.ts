import { createHash } from 'node:crypto';
import type { Engine } from '../engine.ts';
import type { Table } from '../store.ts';
import { faultSettings, type Occasion } from './records.ts';

type Rule = Occasion & { id: string; seen: number; fired: number };

/**
 * Counts one occasion for every rule that matches it, and returns the first that strikes. Chance comes from the seed, the rule
 * and the count alone, so that the same requests meet the same faults, and nothing else in the cloud changes.
 */
export function strike<T extends Rule>(
  engine: Engine,
  rules: Table<T>,
  matches: (rule: T) => boolean,
): T | undefined {
  let struck: T | undefined;
  for (const rule of rules.all()) {
    if (!matches(rule)) continue;
    const seen = rule.seen + 1;
    const strikes = !struck && isDue(rule, seen, faultSettings(engine).seed);
    const changed = rules.put(rule.id, { ...rule, seen, fired: rule.fired + (strikes ? 1 : 0) });
    if (strikes) struck = changed;
  }
  return struck;
}

function isDue({ id, nth, every, probability, count, fired }: Rule, seen: number, seed: number): boolean {
  if (count !== undefined && fired >= count) return false;
  if (nth !== undefined && seen !== nth) return false;
  if (every !== undefined && seen % every !== 0) return false;
  return probability === undefined || chance(`${seed}/${id}/${seen}`) < probability;
}

/** 0 <= x < 1, always the same for the same text. */
const chance = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
