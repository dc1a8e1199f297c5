import type { Engine } from '../engine.ts';
import type { PolicyLanguage } from './documents.ts';
import { type ActionRequest, type Decision, evaluate, matchesAction } from './evaluate.ts';
import { principalOf, statementsOf } from './principals.ts';
import { principals } from './records.ts';

interface Settings {
  enforce: boolean;
}

/** One question that was asked, and how often. */
export interface DecisionRecord {
  /** `user/NAME` or `role/NAME`. */
  principal: string;
  action: string;
  resource: string;
  decision: Decision;
  count: number;
}

const settings = (engine: Engine) => engine.store.table<Settings>('iamSettings');

const decisions = (engine: Engine) => engine.store.table<DecisionRecord>('iamDecisions');

/** Off at first: then everybody may do everything, as in an account with one administrator. */
export const enforces = (engine: Engine): boolean => settings(engine).get('iam')?.enforce ?? false;

export const setEnforcement = (engine: Engine, enforce: boolean): void =>
  void settings(engine).put('iam', { enforce });

/**
 * Whether a caller may do this, by their policies for the cloud that is asked. The account's own key may do everything. Every answer
 * is recorded.
 */
export function decide(
  engine: Engine,
  callerArn: string,
  request: ActionRequest,
  language: PolicyLanguage,
): Decision {
  const principal = principalOf(callerArn);
  if (!principal) return 'allowed';
  const decision = evaluate(statementsOf(engine, principal.kind, principal.name, language), request);
  const name = `${principal.kind}/${principal.name}`;
  const { action, resource } = request;
  const key = [name, action, resource, decision].join('|');
  const count = (decisions(engine).get(key)?.count ?? 0) + 1;
  decisions(engine).put(key, { principal: name, action, resource, decision, count });
  return decision;
}

export const recordedDecisions = (engine: Engine): DecisionRecord[] => decisions(engine).all();

export function forgetDecisions(engine: Engine): void {
  for (const [key] of [...decisions(engine).entries()]) decisions(engine).delete(key);
}

/** Actions that a principal's policies allow, as they are written, and of those the ones that nothing has used. */
export function grantedActions(engine: Engine): Record<string, { granted: string[]; unused: string[] }> {
  const asked = recordedDecisions(engine).filter(({ decision }) => decision === 'allowed');
  return Object.fromEntries(
    principals(engine)
      .all()
      .map(({ kind, name }) => {
        const principal = `${kind}/${name}`;
        const allowing = statementsOf(engine, kind, name).filter(({ effect }) => effect === 'Allow');
        const granted = [...new Set(allowing.flatMap(({ actions }) => actions ?? []))].sort();
        const unused = granted.filter(
          (pattern) =>
            !asked.some((one) => one.principal === principal && matchesAction(pattern, one.action)),
        );
        return [principal, { granted, unused }];
      }),
  );
}
