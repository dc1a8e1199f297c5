import type { Engine } from '../engine.ts';
import { strike } from './occasions.ts';
import { type RequestRule, requestRules } from './records.ts';

/** The fault that this request meets, if it meets one. */
export function faultOf(engine: Engine, service: string, operation: string): RequestRule | undefined {
  const rules = requestRules(engine);
  if (rules.size === 0) return undefined;
  return strike(
    engine,
    rules,
    (rule) =>
      (rule.service === undefined || rule.service === service) &&
      (rule.operation === undefined || named(rule.operation, operation)),
  );
}

const named = (pattern: string, operation: string) =>
  pattern.endsWith('*') ? operation.startsWith(pattern.slice(0, -1)) : pattern === operation;
