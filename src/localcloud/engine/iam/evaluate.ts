import { meets } from './conditions.ts';
import type { Statement } from './documents.ts';
import { type Context, patternOf } from './patterns.ts';

export interface ActionRequest {
  /** `ec2:RunInstances` */
  action: string;
  /** An ARN, or `*` where the action has no resources. */
  resource: string;
  context: Context;
}

export type Decision = 'allowed' | 'implicitly denied' | 'explicitly denied';

/** A deny beats every allow; without an allow it is denied. Source: IAM "Policy evaluation logic". */
export function evaluate(statements: Statement[], request: ActionRequest): Decision {
  const applying = statements.filter((statement) => applies(statement, request));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'explicitly denied';
  return applying.length > 0 ? 'allowed' : 'implicitly denied';
}

function applies(statement: Statement, { action, resource, context }: ActionRequest): boolean {
  const { actions, notActions, resources, notResources, conditions } = statement;
  const hasAction = (patterns: string[]) => patterns.some((pattern) => matchesAction(pattern, action));
  const hasResource = (patterns: string[]) =>
    patterns.some((pattern) => patternOf(pattern, context, { wildcards: true })?.test(resource) ?? false);
  return (
    (actions ? hasAction(actions) : !hasAction(notActions ?? [])) &&
    (resources ? hasResource(resources) : !hasResource(notResources ?? [])) &&
    conditions.every((condition) => meets(condition, context))
  );
}

/** Names of actions are compared without regard to case. */
export const matchesAction = (pattern: string, action: string): boolean =>
  patternOf(pattern, {}, { wildcards: true, ignoreCase: true })?.test(action) ?? false;
