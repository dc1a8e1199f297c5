import { expect, test } from 'vitest';
import type { Cloud, GroupInstance, ScalingGroup } from '../../src/clouds/cloud.ts';
import { Roster } from '../../src/fleet/roster.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { noJournal } from '../../src/run/journal.ts';
import { Run } from '../../src/run/run.ts';

const instance = (id: string, lifecycle: string, templateVersion = 1): GroupInstance => ({
  id,
  lifecycle,
  healthy: true,
  zone: 'a',
  templateVersion,
  protectedFromScaleIn: false,
});

const group = (name: string, ...instances: GroupInstance[]) =>
  ({ name, desired: instances.length, template: { id: 'lt-1' }, instances }) as unknown as ScalingGroup;

/** A roster over groups as they are set, and what it tells. */
function world(...others: string[]) {
  let now: ScalingGroup[] = [];
  let versions = 0;
  const events: RunEvent[] = [];
  const cloud = {
    groups: { findAll: async () => now },
    templates: {
      findVersion: async (_: string, version: number) => {
        versions++;
        return { version, description: `release ${version}`, settings: { tags: {} } };
      },
    },
  } as unknown as Cloud;
  const sink = (event: RunEvent) => void events.push(event);
  const run = new Run({ id: 'r1', journal: noJournal, sink, signal: new AbortController().signal });
  const roster = new Roster(cloud, 'workers', ...others).tell(run);
  const look = async (...groups: ScalingGroup[]) => {
    now = groups;
    events.length = 0;
    await roster.look();
    return events.map(({ time, run: id, ...event }) => event);
  };
  return { look, asked: () => versions };
}

test('the first look tells everybody, the next ones only what has changed', async () => {
  const { look, asked } = world();
  const [first, ...others] = await look(
    group('workers', instance('i-1', 'InService'), instance('i-2', 'InService')),
  );
  expect(others).toEqual([]);
  expect(first).toEqual({
    type: 'fleet.seen',
    group: 'workers',
    desired: 2,
    instances: ['i-1', 'i-2'].map((id) => ({
      id,
      version: 1,
      release: '1',
      lifecycle: 'InService',
      healthy: true,
    })),
    gone: [],
  });
  expect(await look(group('workers', instance('i-1', 'InService'), instance('i-2', 'InService')))).toEqual(
    [],
  );
  expect(await look(group('workers', instance('i-2', 'Terminating'), instance('i-3', 'Pending', 2)))).toEqual(
    [
      expect.objectContaining({
        instances: [
          expect.objectContaining({ id: 'i-2', lifecycle: 'Terminating' }),
          expect.objectContaining({ id: 'i-3', release: '2' }),
        ],
        gone: ['i-1'],
      }),
    ],
  );
  expect(asked()).toBe(2);
});

test('a colour that is removed has gone with its instances', async () => {
  const { look } = world('workers-green');
  const front = group('workers', instance('i-1', 'InService'));
  expect(await look(front, group('workers-green', instance('i-2', 'InService')))).toHaveLength(2);
  expect(await look(front)).toEqual([
    { type: 'fleet.seen', group: 'workers-green', desired: 0, instances: [], gone: ['i-2'] },
  ]);
  expect(await look(front)).toEqual([]);
});
