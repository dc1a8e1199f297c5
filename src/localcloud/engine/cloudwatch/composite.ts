import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { alarms } from './alarm-records.ts';
import { enter } from './transition.ts';

/** Brings every composite alarm into the state that its rule has now. */
export function evaluateComposites(engine: Engine): void {
  for (const { name, rule, state } of alarms(engine).filter((alarm) => alarm.rule !== undefined)) {
    const now = holds(rule as string, (child, wanted) => alarms(engine).get(child)?.state === wanted)
      ? 'ALARM'
      : 'OK';
    if (now !== state)
      enter(engine, name, { state: now, reason: `${name} is in ${now} by its rule ${rule}` });
  }
}

/** The alarms that a rule names. Throws ValidationError for a rule that cannot be understood. */
export function childrenOf(rule: string): string[] {
  const children: string[] = [];
  holds(rule, (name) => children.push(name) > 0);
  return children;
}

const TOKEN =
  /\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^\s()"']+))\s*\)|(AND|OR|NOT|TRUE|FALSE)\b|([()]))/y;

/** Whether a rule holds: ALARM(name), OK(name), INSUFFICIENT_DATA(name), AND, OR, NOT, TRUE, FALSE. */
function holds(rule: string, isIn: (name: string, state: string) => boolean): boolean {
  const words: (string | boolean)[] = [];
  TOKEN.lastIndex = 0;
  const text = rule.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    if (!match) throw invalidRule(rule);
    const [, state, double, single, bare, word, sign] = match;
    const name = (double ?? single ?? bare)?.replace(/^arn:.*:alarm:/, '');
    if (state !== undefined && name !== undefined) words.push(isIn(name, state));
    else if (word === 'TRUE' || word === 'FALSE') words.push(word === 'TRUE');
    else words.push((word ?? sign) as string);
  }

  let at = 0;
  const take = (wanted: string) => words[at] === wanted && ++at > 0;
  const either = (): boolean => {
    let value = both();
    while (take('OR')) value = both() || value;
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (take('AND')) value = one() && value;
    return value;
  };
  const one = (): boolean => {
    if (take('NOT')) return !one();
    if (take('(')) {
      const value = either();
      if (!take(')')) throw invalidRule(rule);
      return value;
    }
    const value = words[at++];
    if (typeof value !== 'boolean') throw invalidRule(rule);
    return value;
  };
  const value = either();
  if (at < words.length) throw invalidRule(rule);
  return value;
}

const invalidRule = (rule: string) => new ServiceError('ValidationError', `AlarmRule is not valid: ${rule}`);
