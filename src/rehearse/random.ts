import { createHash } from 'node:crypto';
import { type Scenario, scenarioSchema } from './scenario-schema.ts';

/** So many faults at a time, at least and at most. */
const FEWEST = 2;
const MOST = 4;

type Chance = (below: number) => number;
interface Fault {
  kind: 'requests' | 'instances';
  rule: object;
}

interface Place {
  services: readonly string[];
  /** What changes something, and may have been done although its answer was lost. */
  changes: readonly { service: string; operation: string }[];
}

/** What a rollout asks of each cloud. */
const PLACES: Record<'aws' | 'alicloud', Place> = {
  aws: {
    services: ['ec2', 'autoscaling', 'ssm'],
    changes: [
      { service: 'ec2', operation: 'CreateLaunchTemplateVersion' },
      { service: 'autoscaling', operation: 'StartInstanceRefresh' },
      { service: 'ssm', operation: 'PutParameter' },
    ],
  },
  alicloud: {
    services: ['ecs', 'ess', 'oos'],
    changes: [
      { service: 'ess', operation: 'StartInstanceRefresh' },
      { service: 'oos', operation: 'CreateParameter' },
    ],
  },
};

/** Each of them is survived by a rollout, or takes it back. */
const FAULTS: ((chance: Chance, place: Place) => Fault)[] = [
  (chance, place) => request(chance, place, { effect: 'throttle', probability: (5 + chance(20)) / 100 }),
  (chance, place) => request(chance, place, { effect: 'http-500', every: 7 + chance(20) }),
  (chance, place) =>
    request(chance, place, { effect: 'latency', milliseconds: 200 + chance(1_500), every: 3 + chance(9) }),
  (chance, { changes }) => ({
    kind: 'requests',
    rule: { ...pick(chance, changes), effect: 'lost-answer', nth: 1 },
  }),
  (chance) => ({
    kind: 'instances',
    rule: { imageId: '${image}', effect: 'die', milliseconds: chance(4_000), nth: 1 + chance(2) },
  }),
  (chance) => ({ kind: 'instances', rule: { imageId: '${image}', effect: 'fail-boot', nth: 1 + chance(2) } }),
];

/** A rollout under faults that chance has chosen: the same for the same number. Pure. */
export function randomScenario(seed: number, cloud: 'aws' | 'alicloud'): Scenario {
  let drawn = 0;
  const chance: Chance = (below) =>
    createHash('sha256').update(`${seed}/${drawn++}`).digest().readUInt32BE() % below;
  const faults = Array.from({ length: FEWEST + chance(MOST - FEWEST + 1) }, () =>
    pick(chance, FAULTS)(chance, PLACES[cloud]),
  );
  const of = (wanted: string) => faults.filter(({ kind }) => kind === wanted).map(({ rule }) => rule);
  return {
    ...scenarioSchema.parse({
      title: `Faults by chance (seed ${seed})`,
      about: `${faults.length} kinds of faults while a release is rolled out, chosen by the number ${seed}.`,
      needs: ['fleet'],
      messages: 10,
      faults: { seed, requests: of('requests'), instances: of('instances') },
      expect: 'either',
      means: 'whatever went wrong, the fleet runs one verified release, and nothing was lost or left',
      otherwise: `bake rehearse --seed ${seed} plays the same faults again`,
    }),
    name: `seed-${seed}`,
  };
}

const request = (chance: Chance, { services }: Place, effect: object): Fault => ({
  kind: 'requests',
  rule: { service: pick(chance, services), ...effect },
});

const pick = <T>(chance: Chance, list: readonly T[]): T => list[chance(list.length)] as T;
