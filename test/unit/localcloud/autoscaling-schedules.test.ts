import { describe, expect, it } from 'vitest';
import { activities } from '../../../src/localcloud/engine/autoscaling/activities.ts';
import { suspendProcesses } from '../../../src/localcloud/engine/autoscaling/processes.ts';
import { putSchedule } from '../../../src/localcloud/engine/autoscaling/schedules/put.ts';
import { schedulesOf } from '../../../src/localcloud/engine/autoscaling/schedules/records.ts';
import { HOUR, MINUTE, World } from '../../helpers/autoscaling.ts';

async function worldOf(desired: number) {
  const world = new World();
  world.addTemplate();
  await world.addGroup(desired);
  return world;
}

const sizes = ({ group: { min, max, desired } }: World) => ({ min, max, desired });

describe('a scheduled action', () => {
  it('changes the sizes at its time, once, and is forgotten', async () => {
    const world = await worldOf(2);
    putSchedule(world.engine, 'workers', {
      name: 'up',
      start: world.clock.now() + HOUR,
      min: 3,
      max: 8,
      desired: 5,
    });
    await world.pass(59 * MINUTE, MINUTE);
    expect(sizes(world)).toEqual({ min: 0, max: 20, desired: 2 });
    await world.pass(2 * MINUTE, MINUTE);
    expect(sizes(world)).toEqual({ min: 3, max: 8, desired: 5 });
    expect(world.fleet).toBe('11111');
    expect(schedulesOf(world.engine, 'workers')).toEqual([]);
    expect(activities(world.engine).all().at(-1)?.cause).toMatch(
      /^At 2026-01-01T02:00:00Z the scheduled action up executed\. {2}At .* it changed min size from 0 to 3, /,
    );
  });

  it('recurs by its time zone, also over the change to summer time, until its end', async () => {
    const world = new World({ at: Date.UTC(2026, 2, 27) });
    world.addTemplate();
    await world.addGroup(1);
    const zone = { recurrence: '0 8 * * *', timeZone: 'Europe/Berlin' };
    const end = Date.UTC(2026, 2, 30, 23);
    putSchedule(world.engine, 'workers', { name: 'morning', ...zone, end, desired: 2 });
    const starts: string[] = [];
    for (let day = 0; day < 5; day++) {
      const [next] = schedulesOf(world.engine, 'workers');
      if (next?.start) starts.push(new Date(next.start).toISOString());
      await world.pass(24 * HOUR, HOUR);
    }
    expect(starts).toEqual([
      '2026-03-27T07:00:00.000Z',
      '2026-03-28T07:00:00.000Z',
      '2026-03-29T06:00:00.000Z',
      '2026-03-30T06:00:00.000Z',
    ]);
  });

  it('does nothing while process ScheduledActions is suspended, and does not catch up', async () => {
    const world = await worldOf(2);
    putSchedule(world.engine, 'workers', { name: 'up', recurrence: '30 * * * *', desired: 4 });
    suspendProcesses(world.engine, 'workers', ['ScheduledActions']);
    await world.pass(2 * HOUR, MINUTE);
    expect(world.group.desired).toBe(2);
    expect(schedulesOf(world.engine, 'workers')[0]?.dueAt).toBe(Date.UTC(2026, 0, 1, 3, 30));
  });

  it.each([
    [{ start: -1, desired: 1 }, /in the past/],
    [{ desired: 1 }, /Either StartTime or Recurrence/],
    [{ recurrence: '0 8 * *', desired: 1 }, /Given recurrence string: 0 8 \* \* is invalid/],
    [{ recurrence: '0 0 8 * * *', desired: 1 }, /recurrence string/],
    [{ recurrence: '0 8 * * *', timeZone: 'Mars/Olympus', desired: 1 }, /time zone: Mars\/Olympus/],
    [{ recurrence: '0 8 * * *' }, /At least one of/],
    [{ recurrence: '0 8 * * *', min: 4, max: 2 }, /Max bound/],
  ])('is refused where it makes no sense: %j', async (request, message) => {
    const world = await worldOf(0);
    const start = 'start' in request ? world.clock.now() + request.start : undefined;
    expect(() => putSchedule(world.engine, 'workers', { name: 'odd', ...request, start })).toThrow(message);
  });
});
