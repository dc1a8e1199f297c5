import { expect, test } from 'vitest';
import type { Cloud, GroupInstance, ScalingGroup } from '../../src/clouds/cloud.ts';
import { tellingCloud } from '../../src/fleet/sightings.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { noJournal } from '../../src/run/journal.ts';
import { Run } from '../../src/run/run.ts';
import { testProject } from '../helpers/project.ts';

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

/** A cloud with groups as they are set, and what a look at them tells. */
function world() {
  let now: ScalingGroup[] = [];
  const asked: number[] = [];
  const events: RunEvent[] = [];
  const given = {
    region: 'eu-central-1',
    groups: {
      find: async (name: string) => now.find((one) => one.name === name),
      findAll: async (names: string[]) => now.filter(({ name }) => names.includes(name)),
      list: async () => now,
    },
    templates: {
      findVersion: async (_: string, version: number) => {
        asked.push(version);
        if (version === 3) throw new Error('not allowed');
        return { version, description: `release ${version}`, settings: { tags: {} } };
      },
    },
  } as unknown as Cloud;
  const sink = (event: RunEvent) => void events.push(event);
  const run = new Run({ id: 'r1', journal: noJournal, sink, signal: new AbortController().signal });
  const cloud = tellingCloud(run, given, testProject());
  const look = async (...groups: ScalingGroup[]) => {
    now = groups;
    events.length = 0;
    await cloud.groups.findAll(['workers', 'workers-green']);
    return events.map(({ time, run: id, ...event }) => event);
  };
  return { cloud, look, asked, events };
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
  expect(asked).toEqual([1, 2]);
});

test('a colour that is removed has gone with its instances; one that was not looked at has not', async () => {
  const { cloud, look, events } = world();
  const front = group('workers', instance('i-1', 'InService'));
  expect(await look(front, group('workers-green', instance('i-2', 'InService')))).toHaveLength(2);
  events.length = 0;
  await cloud.groups.find('workers');
  expect(events).toEqual([]);
  expect(await look(front)).toEqual([
    { type: 'fleet.seen', group: 'workers-green', desired: 0, instances: [], gone: ['i-2'] },
  ]);
  expect(await look(front)).toEqual([]);
});

test('groups of others are not told, and the rest of the cloud is as it was', async () => {
  const { cloud, look } = world();
  expect(await look(group('batch', instance('i-1', 'InService')))).toEqual([]);
  expect(cloud.region).toBe('eu-central-1');
  expect(await cloud.groups.list()).toHaveLength(1);
});

test('a release that cannot be had is left out, and asked for once', async () => {
  const { look, asked } = world();
  const [seen] = await look(group('workers', instance('i-1', 'InService', 3)));
  expect(seen).toMatchObject({ instances: [{ id: 'i-1', version: 3, release: undefined }] });
  await look(group('workers', instance('i-1', 'Terminating', 3)));
  expect(asked).toEqual([3]);
});
