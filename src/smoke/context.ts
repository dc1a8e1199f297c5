import type { Cloud } from '../clouds/cloud.ts';
import type { Roster } from '../fleet/roster.ts';
import type { Run, Step } from '../run/run.ts';
import type { MessageLedger } from './ledger.ts';

/** What every smoke test is told. */
export interface SmokeContext {
  run: Run;
  cloud: Cloud;
  step: Step;
  /** Ends the tests early: the rollout is over, or another test has failed. */
  signal: AbortSignal;
  roster: Roster;
  /** The launch template version under test: instances of it are the new ones. */
  version: number;
  release: string;
  /** The rollout's start, milliseconds since the epoch. */
  since: number;
  ledger: MessageLedger;
  /** Share of its requests that the load balancer sends to the instances under test, 0 to 1; undefined: as there are instances. */
  share?: number;
  /** Messages in the dead-letter queue when the rollout began; undefined where there is none. */
  deadLettersBefore: number | undefined;
}
