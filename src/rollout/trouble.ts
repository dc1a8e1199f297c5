import type { GroupInstance, ScalingActivity, ScalingGroup } from '../clouds/cloud.ts';
import { activityWords } from '../fleet/wait.ts';
import { messageOf } from '../run/errors.ts';
import { gatherEvidence, mergeEvidence } from '../upkeep/evidence.ts';
import { failedUnits } from '../upkeep/failed-units.ts';
import { userDataFailure } from '../upkeep/user-data-failure.ts';
import type { Rollout } from './context.ts';
import { RolloutFailed } from './find-refresh.ts';

/** How often the group and its activities are looked at (two calls, however many instances), and once there is trouble. Milliseconds. */
const LOOK_EVERY = 20_000;
const WATCH_EVERY = 4_000;
/** How often one instance is looked into. Milliseconds. */
const ASK_EVERY = 60_000;
/** Nobody has to answer for a launch that takes this long, beside the warmup. Milliseconds. */
const SLOW = 60_000;
/** Instances that are looked into at a time: the others fail in the same way. */
const MOST = 3;

/** So many new instances, lost one after the other while nothing gets on, are no accident any more. */
const MOST_LOST = 3;

/** Launches that may go well the next time: the group goes on trying. */
const PASSES = /capacity|limit|quota|throttl|internal ?error|try again/i;

/**
 * Finds out early that a rollout will not get on, and why: the cloud itself gives up after an hour, and says little. Cheap while all is
 * well: instances are asked only when they are unhealthy, or late.
 */
export class Trouble {
  readonly #rollout: Rollout;
  readonly #warmup: number;
  readonly #told = new Set<string>();
  readonly #askedAt = new Map<string, number>();
  /** New instances that were taken out of service as unhealthy since it last got on, with the cloud's words. */
  readonly #lost = new Map<string, string>();
  /** What load balancers had against new instances. */
  readonly #refusals = new Map<string, string>();
  #judgedTo: number;
  #still = 0;
  #lookedAt = -Infinity;
  #group: ScalingGroup | undefined;

  constructor(rollout: Rollout, warmup: number) {
    this.#rollout = rollout;
    this.#warmup = warmup;
    this.#judgedTo = rollout.since;
  }

  /** How long instances that wait at a lifecycle hook now may do so; 0 where none waits. Milliseconds. */
  get waitsAtHook(): number {
    const waits = this.#group?.instances.some(({ lifecycle }) => lifecycle.endsWith(':Wait'));
    return waits ? this.#rollout.before.longestHook : 0;
  }

  /** Whether somebody else keeps the refresh where it is: then it stands for as long as they want. */
  get stopped(): boolean {
    return this.#group !== undefined && stopping(this.#group).length > 0;
  }

  /** One look, when it is time for one. `still`: for how long nothing has moved, milliseconds. Throws `RolloutFailed` with the cause. */
  async look(still: number): Promise<void> {
    const { run, cloud, roster, before } = this.#rollout;
    const now = run.clock.now();
    if (still < this.#still) {
      this.#lost.clear();
      this.#judgedTo = now - still;
    }
    this.#still = still;
    if (now - this.#lookedAt < (this.#lost.size > 0 ? WATCH_EVERY : LOOK_EVERY)) return;
    this.#lookedAt = now;
    const [group, activities] = await Promise.all([
      roster.look(),
      cloud.groups.activities(before.group.name),
    ]).catch((error: unknown) => {
      this.#tellOnce(`the fleet cannot be looked into: ${messageOf(error)}`);
      return [undefined, []] as const;
    });
    if (!group) return;
    this.#group = group;
    if (this.stopped && !this.#rollout.hold.held)
      this.#tellOnce(
        `somebody has suspended ${stopping(group).join(' and ')} on ${group.name}: the rollout stands until they resume it`,
      );
    for (const activity of activities) this.#judge(activity);
    await this.#lookInto(group, still);
    if (this.#lost.size < MOST_LOST) return;
    const [why = [...this.#lost.values()].at(-1)] = await this.causes();
    const ids = `${[...this.#lost.keys()].slice(0, MOST).join(', ')}${this.#lost.size > MOST ? ', …' : ''}`;
    const words = `${this.#lost.size} new instances in a row were taken out of service as unhealthy (${ids})`;
    throw new RolloutFailed(`${words}: ${why}`);
  }

  /** What may be the reason that nothing moves, most telling first. */
  async causes(): Promise<string[]> {
    const { run, cloud, project, roster, before, version, since } = this.#rollout;
    await this.#refused();
    const targets = [...this.#refusals]
      .slice(0, MOST)
      .map(([id, reason]) => `${id} fails the health check of its load balancer: ${reason}`);
    const evidence = await gatherEvidence(run, cloud, project, {
      group: before.group.name,
      instances: roster.everOf(version),
      since,
    });
    return [...evidence, ...targets];
  }

  /** A new instance that was unhealthy; a launch that has failed: of a lack of room, which the group gets over, or for good. */
  #judge(activity: ScalingActivity): void {
    const { before, release, since, roster, version } = this.#rollout;
    const lost = /Terminating (?:EC2|ECS) instance: (i-\w+)/.exec(activity.description)?.[1];
    // Whoever was there before the rollout is known; one that came and went between two looks is new.
    if (lost !== undefined && /health.?check/i.test(activity.cause) && activity.startedAt >= this.#judgedTo)
      if ((roster.versionOf(lost) ?? version) === version) this.#lost.set(lost, unhealthyWords(activity));
    if (activity.state !== 'failed' || activity.startedAt < since) return;
    const words = `${before.group.name} cannot launch an instance of release ${release}: ${activityWords(activity)}`;
    if (/launch/i.test(activity.description) && !PASSES.test(words)) throw new RolloutFailed(words);
    this.#tellOnce(`${before.group.name}: ${activityWords(activity)}`);
  }

  #tellOnce(words: string): void {
    if (this.#told.has(words)) return;
    this.#told.add(words);
    this.#rollout.run.warn(words);
  }

  /** Asks new instances that are unhealthy, or late, what has failed in them; all of them once one has been lost. */
  async #lookInto(group: ScalingGroup, still: number): Promise<void> {
    const { run, cloud, roster, version } = this.#rollout;
    const late = still > SLOW + this.#warmup;
    const now = run.clock.now();
    const refused = late || this.#lost.size > 0 ? await this.#refused() : [];
    const fresh = group.instances.filter(({ id }) => roster.isOf(id, version));
    const suspicious = fresh.filter(
      (instance) => !instance.healthy || (late && isComing(instance)) || this.#lost.size > 0,
    );
    const ids = new Set([...suspicious.map(({ id }) => id), ...refused, ...this.#lost.keys()]);
    const suspects = [...ids]
      .filter((id) => now - (this.#askedAt.get(id) ?? -Infinity) >= ASK_EVERY)
      .slice(0, MOST);
    for (const id of suspects) this.#askedAt.set(id, now);
    const found = await Promise.all(
      suspects.flatMap((id) => [
        userDataFailure(cloud, id).catch(() => []),
        failedUnits(run, cloud, id, 10_000).catch(() => []),
      ]),
    );
    const [cause, ...more] = mergeEvidence(found.flat(), suspects);
    if (cause !== undefined) throw new RolloutFailed(cause, { details: more });
  }

  /** New instances that a load balancer takes for unhealthy now; why, is remembered: such instances do not stay. */
  async #refused(): Promise<string[]> {
    const { cloud, roster, before, version } = this.#rollout;
    const asked = before.group.targetGroups.map((arn) => cloud.traffic.targets(arn));
    const found = (await Promise.all(asked).catch(() => [])).flat();
    const refused = found.filter(
      ({ instanceId, state }) => state === 'unhealthy' && roster.isOf(instanceId, version),
    );
    for (const { instanceId, reason } of refused) this.#refusals.set(instanceId, reason ?? 'unhealthy');
    return refused.map(({ instanceId }) => instanceId);
  }
}

/** AWS: without any of these a refresh replaces nothing. */
export const NEEDED = ['InstanceRefresh', 'Launch', 'Terminate'];

const stopping = ({ suspendedProcesses }: ScalingGroup) =>
  suspendedProcesses.filter((process) => NEEDED.includes(process));

/** "an ELB system health check failure": AWS says it last, after when and what. */
const unhealthyWords = ({ cause }: ScalingActivity): string =>
  /in response to (.*?)\.?$/s.exec(cause)?.[1] ?? cause;

/** On its way into service. */
const isComing = ({ lifecycle }: GroupInstance): boolean => lifecycle.startsWith('Pending');
