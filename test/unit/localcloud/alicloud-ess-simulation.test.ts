import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import { terminateInstances } from '../../../src/localcloud/engine/ec2/instances.ts';
import type { Engine } from '../../../src/localcloud/engine/engine.ts';
import { ServiceError } from '../../../src/localcloud/engine/errors.ts';
import { modifyGroup } from '../../../src/localcloud/engine/ess/groups.ts';
import {
  enterStandby,
  exitStandby,
  protectInstances,
  setMemberHealth,
} from '../../../src/localcloud/engine/ess/manual.ts';
import {
  activeRefresh,
  essActivities,
  findEssGroup,
  isLive,
  isServing,
  membersOf,
} from '../../../src/localcloud/engine/ess/records.ts';
import { lowerOf, upperOf } from '../../../src/localcloud/engine/ess/refresh-bounds.ts';
import { changeRefresh } from '../../../src/localcloud/engine/ess/refresh-start.ts';
import { createIds } from '../../../src/localcloud/engine/ids.ts';
import { type EssWorld, essWorld } from '../../helpers/ess.ts';

// Everything happens at whole steps, so that each of them can be looked at.
const STEP = 10;
const latency = { 'group.launch': 30_000, 'instance.pending': 0, 'instance.shutting-down': 10_000 };

let world: EssWorld | undefined;
let directory: string | undefined;
afterEach(async () => {
  await world?.cloud.close();
  if (directory) await rm(directory, { recursive: true });
  directory = undefined;
});

/** What a refresh took out of service since it was last asked must have left enough; and there are never too many. */
function watchful(engine: Engine, groupId: string) {
  let served = new Set<string>();
  return () => {
    const group = findEssGroup(engine, groupId);
    const refresh = activeRefresh(engine, groupId);
    const members = membersOf(engine, groupId);
    const serving = members.filter(isServing);
    const taken = members.filter(
      ({ instanceId, activityId }) =>
        served.has(instanceId) &&
        essActivities(engine).get(activityId)?.cause.startsWith('Instance refresh task') &&
        essActivities(engine).get(activityId)?.description.startsWith('Remove'),
    );
    if (refresh && taken.length > 0)
      expect(serving.length).toBeGreaterThanOrEqual(lowerOf(group.desired, refresh));
    served = new Set(serving.map(({ instanceId }) => instanceId));
    const kept = members.filter(({ state }) => state === 'Protected' || state === 'Standby').length;
    const most = refresh ? Math.max(group.desired, upperOf(group.desired, refresh)) : group.desired;
    expect(members.filter(isLive).length).toBeLessThanOrEqual(Math.max(most, kept));
  };
}

/** One thing that may happen at any time; what is refused, is refused. */
function trouble(engine: Engine, groupId: string, random: () => number): void {
  const pick = <T>(all: T[]): T => all[Math.floor(random() * all.length)]!;
  const member = pick(membersOf(engine, groupId));
  const ids = member ? [member.instanceId] : [];
  const refresh = activeRefresh(engine, groupId);
  const zones = ['a', 'b', 'c'].map((zone) => `${engine.region}${zone}`);
  const type = 'ecs.c7.large';
  const change = (action: Parameters<typeof changeRefresh>[2]) =>
    refresh && changeRefresh(engine, { groupId, taskId: refresh.taskId }, action);
  const things: (() => void)[] = [
    () => terminateInstances(engine, ids),
    () => setMemberHealth(engine, ids[0]!, false),
    () => protectInstances(engine, groupId, ids, random() < 0.5),
    () => enterStandby(engine, groupId, ids),
    () => exitStandby(engine, groupId, ids),
    () => modifyGroup(engine, groupId, { desired: 1 + Math.floor(random() * 8) }),
    () => change('suspend'),
    () => change('resume'),
    () => change('resume'),
    () => (random() < 0.2 ? change('rollback') : undefined),
    () => (random() < 0.1 ? change('cancel') : undefined),
    () => {
      for (const zone of zones) capacity(engine).put(`${type}/${zone}`, { type, zone, available: 1 });
    },
    () => {
      for (const zone of zones) capacity(engine).delete(`${type}/${zone}`);
    },
  ];
  try {
    pick(things)();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
  }
}

/** All troubles end. */
function calm(engine: Engine, groupId: string): void {
  for (const { type, zone } of capacity(engine).all()) capacity(engine).delete(`${type}/${zone}`);
  for (const { instanceId, state } of membersOf(engine, groupId)) {
    if (state === 'Protected') protectInstances(engine, groupId, [instanceId], false);
    if (state === 'Standby') exitStandby(engine, groupId, [instanceId]);
  }
}

test.each(Array.from({ length: 50 }, (_, seed) => seed))(
  'in trouble of every kind a refresh keeps its bounds, and ends (seed %i)',
  async (seed) => {
    world = await essWorld({ latency });
    const { engine } = world.cloud;
    const { random } = createIds(seed + 1_000);
    const group = await world.group(1 + Math.floor(random() * 8));
    await world.passes(60);
    await world.start(group, {
      MinHealthyPercentage: Math.floor(random() * 101),
      MaxHealthyPercentage: 100 + Math.floor(random() * 101),
      CheckpointPauseTime: 2,
      Checkpoints: random() < 0.5 ? [{ Percentage: 34 }, { Percentage: 100 }] : undefined,
    });
    const check = watchful(engine, group);
    for (let at = 0; at < 900; at += STEP) {
      if (random() < 0.3) {
        trouble(engine, group, random);
        engine.settle();
        check();
      }
      await world.passes(STEP);
      check();
    }
    calm(engine, group);
    for (let at = 0; at < 3_600 && activeRefresh(engine, group); at += STEP) {
      if ((await world.refresh(group)).Status === 'Paused')
        await world.refreshed('ResumeInstanceRefresh', group);
      await world.passes(STEP);
      check();
    }
    for (let at = 0; at < 120; at += STEP) await world.passes(STEP);
    expect((await world.refresh(group)).Status).toMatch(/^(Successful|Cancelled|RollbackSuccessful)$/);
    const { desired } = findEssGroup(engine, group);
    expect(membersOf(engine, group).filter(isServing)).toHaveLength(desired);
  },
);

test('a refresh goes on where it was when the cloud is started anew in the middle', async () => {
  directory = await mkdtemp(join(tmpdir(), 'ess-'));
  world = await essWorld({ latency, directory });
  const { clock } = world;
  const group = await world.group(4);
  await world.passes(60);
  await world.start(group, {
    ...{ MinHealthyPercentage: 50, MaxHealthyPercentage: 100, CheckpointPauseTime: 10 },
    Checkpoints: [{ Percentage: 50 }, { Percentage: 100 }],
  });
  for (const [seconds, status, versions] of [
    [20, 'InProgress', '2x1+2x2'],
    [20, 'CheckpointPause', '2x1+2x2'],
    [580, 'CheckpointPause', '2x1+2x2'],
    [30, 'InProgress', '4x2'],
    [30, 'Successful', '4x2'],
  ] as const) {
    await world.passes(seconds);
    await world.cloud.close();
    world = await essWorld({ latency, directory, clock, seed: seconds });
    expect([(await world.refresh(group)).Status, await world.versions(group)]).toEqual([status, versions]);
  }
  expect((await world.groupOf(group)).LaunchTemplateVersion).toBe('2');
});
