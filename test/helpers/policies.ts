import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { recordedDecisions } from '../../src/localcloud/engine/iam/enforcement.ts';
import { BakeError } from '../../src/run/errors.ts';
import { repository } from './cli.ts';
import type { TestCloud } from './cloud.ts';

export interface Policy {
  Version: string;
  Statement: { Sid: string; Action: string | string[]; [key: string]: unknown }[];
}

/** One action of one statement. */
export interface Grant {
  sid: string;
  action: string;
}

/** `builder` or `deployer`, as shipped, for AWS (`iam`) or Alibaba Cloud (`ram`). */
export const shippedPolicy = (name: string, language: 'iam' | 'ram' = 'iam'): Policy =>
  JSON.parse(readFileSync(join(repository, `policies/${language}/${name}.json`), 'utf8'));

export const grantsOf = ({ Statement }: Policy): Grant[] =>
  Statement.flatMap(({ Sid, Action }) => [Action].flat().map((action) => ({ sid: Sid, action })));

/** The same policy without one action of one statement. */
export function without(policy: Policy, { sid, action }: Grant): Policy {
  const Statement = policy.Statement.map((statement) => ({
    ...statement,
    Action: [statement.Action].flat().filter((one) => statement.Sid !== sid || one !== action),
  })).filter(({ Action }) => Action.length > 0);
  return { ...policy, Statement };
}

/** What came of some work under a policy. */
export interface Outcome {
  /** Actions that were allowed, and those that were denied. */
  allowed: Set<string>;
  denied: Set<string>;
  /** All that bake said: events, failures, errors with their hints. */
  said: string;
}

/** Some work, from a new cloud on, by somebody who has this policy. */
export type Scenario = (policy: Policy) => Promise<Outcome>;

/** Does some work, which may fail, and tells what came of it. */
export async function outcomeOf(local: TestCloud, work: () => Promise<unknown>): Promise<Outcome> {
  const said = await work().then(
    (result) => JSON.stringify(result ?? ''),
    (error: unknown) => {
      if (!(error instanceof BakeError)) throw error;
      return [error.message, ...error.details, error.hint].join('\n');
    },
  );
  const decided = recordedDecisions(local.engine);
  const actions = (allowed: boolean) =>
    new Set(
      decided.filter(({ decision }) => (decision === 'allowed') === allowed).map(({ action }) => action),
    );
  return { allowed: actions(true), denied: actions(false), said };
}

/**
 * Proves a shipped policy: with it nothing is refused, and without any action of any statement something is, in words that name
 * the action. `quiet` are actions whose refusal only leaves out what is nice to have.
 */
export function provePolicy(
  name: string,
  scenarios: Record<string, Scenario>,
  quiet: string[],
  language: 'iam' | 'ram' = 'iam',
): void {
  const policy = shippedPolicy(name, language);
  const outcomes = new Map<string, Outcome>();

  describe(`the ${name}'s ${language.toUpperCase()} policy, enforced,`, () => {
    beforeAll(async () => {
      for (const [title, scenario] of Object.entries(scenarios)) outcomes.set(title, await scenario(policy));
    }, 300_000);

    it.each(Object.keys(scenarios))('is enough for %s', (title) => {
      expect([...outcomes.get(title)!.denied]).toEqual([]);
    });

    it('grants nothing that is never used', () => {
      const used = new Set([...outcomes.values()].flatMap(({ allowed }) => [...allowed]));
      expect(grantsOf(policy).filter(({ action }) => !used.has(action))).toEqual([]);
    });

    it.each(grantsOf(policy))('is not enough without $action in $sid, and bake says so', async (grant) => {
      const { action } = grant;
      const refused: string[] = [];
      for (const [title, { allowed }] of outcomes) {
        if (!allowed.has(action)) continue;
        const { denied, said } = await scenarios[title]!(without(policy, grant));
        if (!denied.has(action)) continue;
        refused.push(title);
        if (quiet.includes(action) || said.includes(action)) return;
      }
      expect.fail(
        refused.length > 0
          ? `refused without a word in: ${refused.join('; ')}`
          : 'nothing is refused: it is granted twice',
      );
    });
  });
}
