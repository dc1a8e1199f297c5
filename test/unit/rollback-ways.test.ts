import { expect, it } from 'vitest';
import { fastestWay, type Situation } from '../../src/rollout/rollback-ways.ts';

/** The way from a fleet that launches version 3 to version 2, unless said otherwise. */
const way = ({
  front,
  ...more
}: Partial<Omit<Situation, 'front'>> & { front?: Partial<Situation['front']> }) =>
  fastestWay({ target: 2, ...more, front: { current: 3, others: 6, ...front } });

const onTarget = { current: 2, others: 3 };

it.each([
  [
    'a refresh that brings another version is rolled back',
    { front: onTarget, refresh: { state: 'in-progress', version: 3 } },
    'turn',
  ],
  ['one that has just begun, too', { front: onTarget, refresh: { state: 'pending', version: 3 } }, 'turn'],
  [
    'one that soaks, too',
    { front: { current: 2, others: 6 }, refresh: { state: 'baking', version: 3 } },
    'turn',
  ],
  [
    'one that the cloud rolls back already is followed',
    { front: onTarget, refresh: { state: 'rollback-in-progress', version: 3 } },
    'follow',
  ],
  ['one that brings the target is followed', { refresh: { state: 'in-progress', version: 2 } }, 'follow'],
  [
    'one whose rollback leads to another version is cancelled',
    { target: 1, front: { current: 2, others: 6 }, refresh: { state: 'in-progress', version: 3 } },
    'cancel',
  ],
  [
    'one that is being rolled back to another version is cancelled',
    { target: 1, front: { current: 2, others: 6 }, refresh: { state: 'rollback-in-progress', version: 3 } },
    'cancel',
  ],
  [
    'one that is being cancelled is waited for',
    { front: onTarget, refresh: { state: 'cancelling', version: 3 } },
    'cancel',
  ],
  [
    'a mixed fleet that a failed refresh has left is refreshed to what its group launches',
    { front: onTarget },
    'refresh',
  ],
  ['a fleet that is there needs nothing', { front: { current: 2, others: 0 } }, 'nothing'],
  ['without another colour there is a refresh', {}, 'refresh'],
  ['another colour that runs something else is no way', { back: { version: 1, ready: 6 } }, 'refresh'],
  [
    'a group that names no number is refreshed to one',
    { front: { current: undefined, others: 6 } },
    'refresh',
  ],
  [
    'a change of colours that was cut short is undone first',
    { halfway: { to: 3, cutover: false }, back: { version: 2, ready: 6 } },
    'undo',
  ],
  [
    'a cutover that was cut short leads away from the target, and is undone',
    { front: onTarget, halfway: { to: 3, cutover: true } },
    'undo',
  ],
] satisfies [string, Parameters<typeof way>[0], string][])('%s', (_, situation, by) => {
  expect(way(situation)).toEqual({ by });
});

it('the other colour that runs the target takes over, at once or after it has grown', () => {
  expect(way({ back: { version: 2, ready: 6 } })).toEqual({ by: 'cutover', empty: false });
  expect(way({ back: { version: 2, ready: 0 } })).toEqual({ by: 'cutover', empty: true });
});

it('a cutover to the target that was cut short is gone on with', () => {
  expect(way({ halfway: { to: 2, cutover: true } })).toEqual({ by: 'cutover', empty: false });
});
