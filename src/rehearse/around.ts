import type { Cloud, Front, Surroundings } from '../clouds/cloud.ts';
import { hasImage } from '../config/images.ts';
import type { Project } from '../config/schema.ts';
import { count } from '../run/format.ts';
import { lastPart, queueName } from './adapt.ts';
import { mapAt, type Raw } from './tree-edit.ts';

/** Long enough for any job of a rehearsal, short enough to wait for one whose worker has gone. Milliseconds. */
const VISIBILITY = 15_000;
/** A message that fails so often is a dead letter. */
const RECEIVES = 3;

/** What the configuration refers to and bake does not make: by name. */
export interface Around {
  queues: string[];
  logGroups: string[];
  alarms: string[];
  buckets: string[];
  parameters: [name: string, value: string][];
  fronts: Front[];
  /** Where instances answer requests. */
  target: { port: number; path: string };
}

/**
 * What has to be there before the configuration can be rehearsed: what its keys name, and what variables of the user data name whose own
 * names say what they are (queue, logGroup …). Pure.
 */
export function aroundOf({ config }: Project): Around {
  const { smoke, fleet, rollout, cloud, rehearse } = config;
  const image = hasImage(config) ? config.image : undefined;
  const variables = Object.entries(fleet?.variables ?? {}).filter(([, value]) => value !== '');
  const named = (pattern: RegExp) =>
    variables.flatMap(([name, value]) => (pattern.test(name) ? [value] : []));
  const distinct = (...names: (string | undefined)[]) =>
    [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
  const aws = cloud === 'aws';
  const pairs = rollout.blueGreen.pairs.map(({ blue, green }) => ({ targetGroups: [blue, green] }));
  const paired = new Set(pairs.flatMap(({ targetGroups }) => targetGroups));
  const alone = (fleet?.targetGroups ?? []).filter((name) => !paired.has(name));
  return {
    queues: aws
      ? distinct(queueName({ config } as Project), ...named(/queue/i).map(lastPart), ...rehearse.queues)
      : [],
    logGroups: aws
      ? distinct(smoke.sqs?.logGroup, smoke.logs?.group, ...named(/log[_-]?group/i), ...rehearse.logGroups)
      : [],
    alarms: aws ? distinct(...rollout.alarms) : [],
    buckets: aws ? distinct(image?.builder.stagingBucket, ...named(/bucket/i), ...rehearse.buckets) : [],
    parameters: Object.entries(rehearse.parameters),
    fronts: [...pairs, ...alone.map((name) => ({ targetGroups: [name] }))],
    target: {
      port: smoke.http.find(({ port }) => port !== undefined)?.port ?? 80,
      path: smoke.http[0]?.path ?? '/health',
    },
  };
}

/** Makes it; what is called otherwise now is called so in the configuration. Returns what was made, in words. */
export async function makeAround(
  around: Around,
  cloud: Cloud,
  surroundings: Surroundings,
  config: Raw,
  project: Project,
): Promise<string[]> {
  const { queues, logGroups, alarms, buckets, parameters, fronts, target } = around;
  for (const name of queues) {
    const dead = `${name.slice(0, 75)}-dead`;
    await cloud.queues.create({ name: dead, visibilityTimeout: VISIBILITY, tags: {} });
    const deadLetter = { name: dead, maxReceiveCount: RECEIVES };
    await cloud.queues.create({ name, visibilityTimeout: VISIBILITY, deadLetter, tags: {} });
  }
  for (const name of logGroups) await surroundings.logGroup(name);
  for (const name of alarms) await surroundings.alarm(name);
  for (const name of buckets) await surroundings.bucket(name);
  for (const [name, value] of parameters) await cloud.parameters.put(name, value, 'text');
  if (fronts.length > 0) rename(config, project, await surroundings.balance(fronts, target));
  const made: [number, string][] = [
    [queues.length, 'queue'],
    [logGroups.length, 'log group'],
    [alarms.length, 'alarm'],
    [buckets.length, 'bucket'],
    [parameters.length, 'parameter'],
    [fronts.length, 'load balancer listener'],
  ];
  return made.flatMap(([n, what]) => (n === 0 ? [] : [count(n, what)]));
}

function rename(config: Raw, { config: given }: Project, names: Map<string, string>): void {
  const fleet = mapAt(config, 'fleet');
  const called = (name: string) => names.get(name) ?? name;
  if (fleet && given.fleet) fleet.targetGroups = given.fleet.targetGroups.map(called);
  const colours = mapAt(config, 'rollout', 'blueGreen');
  const pairs = given.rollout.blueGreen.pairs;
  if (colours) colours.pairs = pairs.map(({ blue, green }) => ({ blue: called(blue), green: called(green) }));
}
