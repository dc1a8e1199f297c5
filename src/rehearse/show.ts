import type { Project } from '../config/schema.ts';
import type { Run } from '../run/run.ts';
import { whyNot } from './applies.ts';
import { leftOut } from './judge.ts';
import type { Scenario } from './scenario-schema.ts';
import type { Tried } from './tried.ts';

/** How releases are made and brought to what runs them. */
export interface Pipeline {
  /** A release on a first one, without any faults. */
  plain(): Promise<Tried>;
  play(scenario: Scenario): Promise<Tried>;
  /** Why nothing more can be tried. */
  readonly stuck: string | undefined;
}

/** Plays everything, one after the other; where not even a plain release succeeds, the scenarios are left out. */
export async function showAll(
  run: Run,
  project: Project,
  pipeline: Pipeline,
  scenarios: Scenario[],
): Promise<Tried[]> {
  const tried: Tried[] = [];
  const tell = (one: Tried) => {
    tried.push(one);
    if (one.verdict === 'left-out') run.skip(`rehearse.${one.name}`, one.title, one.happened);
    run.fact('rehearsal.scenario', one);
  };
  tell(await pipeline.plain());
  const lost = tried[0]?.verdict === 'as-expected' ? undefined : 'a plain release has to succeed first';
  for (const scenario of scenarios) {
    const reason = lost ?? pipeline.stuck ?? whyNot(project, scenario);
    tell(reason === undefined ? await pipeline.play(scenario) : leftOut(scenario, reason));
  }
  return tried;
}
