import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ScalingGroup, ScalingSchedule } from '../../src/clouds/cloud.ts';
import { changesOf } from '../../src/rollout/blue-green/changed.ts';
import { missedFirings, sizesAfter } from '../../src/rollout/blue-green/missed-schedules.ts';
import { mayHaveMoved, PHASES, placeOf } from '../../src/rollout/blue-green/phases.ts';
import { type Pairs, percentOf, weightsAt } from '../../src/rollout/blue-green/weights.ts';

const target = (arn: string) => ({
  arn,
  name: arn,
  protocol: 'HTTP',
  port: 80,
  deregistrationDelay: 0,
  sticky: false,
  endpoints: [],
});
const pairs: Pairs = [{ from: target('blue'), to: target('green') }];
const forwarding = (weights: Record<string, number>) => ({
  id: 'l',
  name: 'listener HTTP:80',
  sticky: 0,
  weights: Object.entries(weights).map(([targetGroup, weight]) => ({ targetGroup, weight })),
});
const inWords = (weights: { targetGroup: string; weight: number }[]) =>
  weights.map(({ targetGroup, weight }) => `${targetGroup} ${weight}`).join(', ');

describe('weights', () => {
  it('of a listener that knows the old colour alone name the new one too, at nothing', () => {
    expect(inWords(weightsAt(forwarding({ blue: 1 }), pairs, 0))).toBe('blue 100, green 0');
  });

  it('divide what the two colours have, beside a target group that is neither', () => {
    expect(inWords(weightsAt(forwarding({ other: 40, blue: 60 }), pairs, 50))).toBe(
      'other 40, blue 30, green 30',
    );
  });

  it('at any step add up to what they were, and say the step again when they are read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }), (before, percent) => {
        const at = weightsAt(forwarding({ blue: 100 - before, green: before }), pairs, percent);
        expect(at.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
        expect(percentOf([{ ...forwarding({}), weights: at }], pairs)).toBe(percent);
      }),
    );
  });

  it('count as far as the listener that is behind', () => {
    const listeners = [forwarding({ blue: 0, green: 100 }), forwarding({ blue: 80, green: 20 })];
    expect(percentOf(listeners, pairs)).toBe(20);
  });
});

describe('schedules that were missed', () => {
  const at = (time: string) => Date.parse(`2026-11-21T${time}:00Z`);
  const schedule = (recurrence: string, sizes: Partial<ScalingSchedule> = {}): ScalingSchedule => ({
    name: recurrence,
    recurrence,
    timeZone: 'Europe/Berlin',
    ...sizes,
  });

  it('are those that were due in between, in their own time zone, each for the last time, in order', () => {
    const schedules = [schedule('0 9 * * *'), schedule('*/20 8 * * *'), schedule('0 12 * * *')];
    const missed = missedFirings(schedules, at('07:10'), at('08:30'));
    expect(missed.map(({ schedule, at }) => [schedule.name, new Date(at).toISOString()])).toEqual([
      ['*/20 8 * * *', '2026-11-21T07:40:00.000Z'],
      ['0 9 * * *', '2026-11-21T08:00:00.000Z'],
    ]);
    expect(missedFirings([{ name: 'once', timeZone: 'UTC' }], 0, at('08:30'))).toEqual([]);
  });

  it('change what they name, one after the other, and keep the rest within it', () => {
    const firings = [schedule('a', { min: 4 }), schedule('b', { max: 5, desired: 9 })].map((one) => ({
      schedule: one,
      at: 0,
    }));
    expect(sizesAfter({ min: 1, max: 6, desired: 2 }, firings)).toEqual({ min: 4, max: 5, desired: 5 });
    expect(sizesAfter({ min: 3, max: 6, desired: 2 }, [])).toEqual({ min: 3, max: 6, desired: 3 });
  });
});

describe('a group that was looked at twice', () => {
  const group = {
    name: 'workers',
    template: { id: 'lt', name: 'workers', version: 1 },
    min: 1,
    desired: 3,
    healthCheckType: 'EC2',
    healthCheckGrace: 5_000,
    subnets: ['a', 'b'],
    targetGroups: ['t'],
  } as unknown as ScalingGroup;

  it('has changed when its settings have; its size may', () => {
    expect(changesOf(group, { ...group, min: 2, desired: 5, subnets: ['b', 'a'] })).toEqual([]);
    expect(
      changesOf(group, {
        ...group,
        template: { ...group.template, version: 2 },
        subnets: ['a'],
        healthCheckType: 'ELB',
      }),
    ).toEqual(['healthCheckType EC2 → ELB', 'launch template version 1 → 2', 'subnets']);
  });
});

describe('what a record says of a run that died', () => {
  it('is a phase, a part of the way back, or that nothing was begun', () => {
    expect(placeOf('shifting')).toEqual({ forward: 'shifting' });
    expect(placeOf('removing')).toEqual({ back: 'removing' });
    expect(placeOf(undefined)).toEqual({ forward: 'clearing' });
  });

  it('sends the work back first from the moment that it may have moved', () => {
    expect(PHASES.filter((phase) => !mayHaveMoved(phase))).toEqual([
      'clearing',
      'copying',
      'freezing',
      'scaling',
      'testing',
    ]);
  });
});
