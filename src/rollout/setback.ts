import type { Cloud, InstanceRefresh } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { hasEnded } from '../upkeep/refresh-state.ts';
import { endStateOf } from './end-state.ts';
import { readHistory } from './history.ts';
import type { LastRun } from './lock.ts';
import type { RolloutRecord } from './record.ts';
import type { Setback } from './rollback-target.ts';
import type { Situation } from './rollback-ways.ts';

/** A fleet as it is found by who means to bring it back. */
export interface Found {
  setback: Setback;
  /** The refresh that is under way on the group in front. */
  refresh?: InstanceRefresh;
  /** The way from there to a launch template version is to be decided by this. */
  situationFor(target: number): Situation;
}

/** Looks at all that decides where a rollback goes and how. `last` is what the fleet's lock tells of the last run. */
export async function findSetback(cloud: Cloud, project: Project, last: LastRun | undefined): Promise<Found> {
  const history = await readHistory(cloud, project);
  const { front, back } = history.colours;
  const refreshes = await cloud.refreshes.list(front.name);
  const refresh = refreshes.find(({ state }) => !hasEnded(state));
  const config = project.config.rollout;
  const othersThan = (version: number) => endStateOf(front, version, config).stragglers.length;
  const { current } = history;
  // A refresh to what the group launches brings nothing new: it heals.
  const refreshing = refresh?.templateVersion === current ? undefined : refresh?.templateVersion;
  const cutShort = last?.over === false ? last.record : undefined;
  const setback: Setback = {
    history,
    unfinished: cutShort !== undefined || refreshing !== undefined,
    bringing: cutShort?.version ?? refreshing,
    before: cutShort?.previousVersion,
    returning: cutShort?.returning,
    undone: last?.over === true && isUndone(last.record, current),
    mixed: current !== undefined && othersThan(current) > 0,
  };
  return {
    setback,
    refresh,
    situationFor: (target) => ({
      target,
      front: { current, others: othersThan(target) },
      refresh: refresh && { state: refresh.state, version: refresh.templateVersion },
      back: back && {
        version: back.template.version,
        ready: back.instances.filter(
          ({ lifecycle, healthy, templateVersion }) =>
            lifecycle === 'InService' && healthy && templateVersion === target,
        ).length,
      },
      halfway: halfwayOf(cutShort),
    }),
  };
}

/** Whether the group launches something else than what the last run brought (if it brought anything), or that run was the way back itself. */
const isUndone = ({ version, returning }: RolloutRecord, current: number | undefined): boolean =>
  current !== undefined && (returning === undefined ? version !== current : returning === current);

/** A change of colours that was cut short. */
const halfwayOf = (record: RolloutRecord | undefined): Situation['halfway'] =>
  record?.strategy === 'blue-green' && record.back !== undefined
    ? { to: record.version, cutover: record.kind === 'cutover' }
    : undefined;
