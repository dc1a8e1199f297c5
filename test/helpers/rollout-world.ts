import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import type { Project } from '../../src/config/schema.ts';
import { applyFleet, type FleetResult } from '../../src/fleet/apply.ts';
import { groups } from '../../src/localcloud/engine/autoscaling/groups.ts';
import { completeAction } from '../../src/localcloud/engine/autoscaling/lifecycle-actions.ts';
import { membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { essGroups, membersOf as essMembersOf, isServing } from '../../src/localcloud/engine/ess/records.ts';
import type { Runtime } from '../../src/localcloud/sandbox/runtime.ts';
import type { RolloutResult } from '../../src/rollout/rolling.ts';
import { type RolloutOptions, rollOut } from '../../src/rollout/rollout.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { noJournal } from '../../src/run/journal.ts';
import { newRunId, Run } from '../../src/run/run.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import { startCloud, type TestCloud } from './cloud.ts';
import { keyUnder } from './own-paths.ts';
import { testProject } from './project.ts';
import { SharedClock } from './shared-clock.ts';
import { silenced } from './silenced.ts';
import { WorkerFleet } from './worker-fleet.ts';

/** A fleet of queue workers on an embedded cloud, with bake beside it in one virtual time. */
export class RolloutWorld {
  readonly local: TestCloud;
  readonly clock: SharedClock;
  readonly cloud: Cloud;
  /** The same cloud for whoever may do everything. */
  readonly root: Cloud;
  readonly #kind: Cloud['kind'];
  readonly workers: WorkerFleet;
  readonly events: RunEvent[] = [];
  /** Release of each launch template version, as the group launched it. */
  readonly #releases = new Map<string, string>();
  /** Called in each turn of the workers: what happens in the world meanwhile. */
  meanwhile: () => void | Promise<void> = () => {};

  private constructor(local: TestCloud, virtual: VirtualClock, cloud: Cloud, root: Cloud) {
    this.local = local;
    this.workers = new WorkerFleet(local);
    this.clock = new SharedClock(virtual, () => this.#turn());
    this.#kind = cloud.kind;
    this.cloud = this.clock.watch(cloud);
    this.root = this.clock.watch(root);
  }

  /**
   * `policy` is what bake may do there, enforced by the cloud; default: everything. Instances answer commands when there is a
   * `runtime` in which they do. `between` may put something between bake and the cloud: it is given the cloud's endpoint and answers
   * with its own. `kind`: whose protocols bake speaks there; Alibaba Cloud's has no queue, so its workers do nothing.
   */
  static async start({
    kind = 'aws',
    policy,
    runtime,
    between,
  }: {
    kind?: Cloud['kind'];
    policy?: object;
    runtime?: Runtime;
    between?: (endpoint: string) => Promise<string>;
  } = {}): Promise<RolloutWorld> {
    const virtual = new VirtualClock(Date.now());
    const local = await startCloud({ clock: virtual, runtime });
    const { endpoint, credentials, region } = local;
    // The adapter's own waits happen inside a call: they move time on by themselves.
    const clock = {
      now: () => virtual.now(),
      async sleep(ms: number) {
        virtual.advance(ms);
        await local.engine.idle();
      },
    };
    const open = { kind, endpoint, credentials, region, local: true, clock } as const;
    const root = await openCloud(open);
    const bakes = {
      ...(policy && { credentials: await keyUnder(local, policy) }),
      ...(between && { endpoint: await between(endpoint) }),
    };
    const cloud = policy || between ? await openCloud({ ...open, ...bakes }) : root;
    const world = new RolloutWorld(local, virtual, cloud, root);
    await world.workers.install(30_000);
    return world;
  }

  /** A project with smoke tests against the workers of this world. */
  project(config: { rollout?: object; smoke?: object; fleet?: object; directory?: string } = {}): Project {
    const { logGroup } = this.workers;
    const fleet = {
      name: 'workers',
      size: { min: 1, max: 6, desired: 3 },
      warmup: '10s',
      healthCheck: { gracePeriod: '5s' },
      ...config.fleet,
    };
    const rollout = {
      maxHealthyPercentage: 150,
      checkpoints: [33, 100],
      checkpointDelay: '2m',
      ...config.rollout,
    };
    const smoke = config.smoke ?? {
      sqs: { queue: 'jobs', message: 'job ${smoke.id}', logGroup, timeout: '1m', resendEvery: '2s' },
      logs: { group: logGroup, settle: '5s' },
    };
    return testProject({ cloud: this.#kind, fleet, rollout, smoke }, config.directory);
  }

  /** An image of a release, as `bake build` leaves it. */
  async addRelease(project: Project, release: string): Promise<string> {
    const { instances, images } = this.root;
    const launched = await instances.launch({
      token: `builder-${release}`,
      imageId:
        this.#kind === 'aws'
          ? baseImageId(this.local.engine)
          : baseImageId(this.local.engine).replace('ami-', 'm-'),
      instanceType: this.#kind === 'aws' ? 't3.small' : 'ecs.c7.large',
      rootVolume: { type: 'gp3', encrypted: true },
      userData: '',
      tags: {},
      terminateOnShutdown: false,
    });
    if (!('instanceId' in launched)) throw new Error(launched.noCapacity);
    const { instanceId } = launched;
    const become = async (state: string) => {
      while ((await instances.find([instanceId]))[0]?.state !== state) await this.clock.sleep(1_000);
    };
    await become('running');
    await instances.stop(instanceId);
    await become('stopped');
    const imageId = await images.createFromInstance({
      instanceId,
      name: `testing-r${release}`,
      description: '',
      tags: ownTags(project, 'build', {
        [TAG.release]: release,
        [TAG.published]: 'yes',
        [TAG.gitCommit]: 'abc1234',
      }),
    });
    while ((await images.find([imageId]))[0]?.state !== 'available') await this.clock.sleep(1_000);
    await instances.terminate(instanceId);
    return imageId;
  }

  run(signal: AbortSignal = new AbortController().signal): Run {
    const sink = (event: RunEvent) => void this.events.push(event);
    return new Run({ id: newRunId(this.clock.now()), journal: noJournal, sink, signal, clock: this.clock });
  }

  /** `bake fleet apply` */
  apply(project: Project): Promise<FleetResult> {
    return applyFleet(this.run(), this.cloud, project);
  }

  /** `bake rollout` */
  rollOut(project: Project, options: RolloutOptions = {}, signal?: AbortSignal): Promise<RolloutResult> {
    return rollOut(this.run(signal), this.cloud, project, options);
  }

  /** `bake rollout` by a process that is killed: see `kill`. */
  crash(
    project: Project,
    at: (call: string) => boolean,
    options: RolloutOptions = {},
    signal?: AbortSignal,
  ): Promise<{ killed: boolean }> {
    return this.kill(at, (cloud) => rollOut(this.run(signal), cloud, project, options));
  }

  /**
   * Work of a process that is killed: `at` is asked before each call to the cloud ("groups.suspend"), and when it says so neither that
   * call nor any other is made any more. Resolves when the process is dead, or has come to its end first.
   */
  async kill(
    at: (call: string) => boolean,
    work: (cloud: Cloud) => Promise<unknown>,
  ): Promise<{ killed: boolean }> {
    return new Promise((resolve) => {
      let gone = false;
      const cloud = silenced(this.cloud, (call) => {
        gone ||= call !== undefined && at(call);
        if (gone) resolve({ killed: true });
        return gone;
      });
      const end = () => resolve({ killed: false });
      void work(cloud).then(end, end);
    });
  }

  /** Launch template versions in service, in ascending order: "1112". */
  get fleet(): string {
    return this.serving('workers');
  }

  /** The same of any group; empty where it does not exist. */
  serving(group: string): string {
    return this.#inService(group)
      .map(({ version }) => version)
      .sort()
      .join('');
  }

  /** Ids of a group's instances in service. */
  idsIn(group: string): string[] {
    return this.#inService(group).map(({ instanceId }) => instanceId);
  }

  /** Launch template version of an instance of either colour, whatever becomes of it. */
  versionOf(instanceId: string): string | undefined {
    const { engine } = this.local;
    const members = ['workers', 'workers-green'].flatMap((name) => [
      ...membersOf(engine, name),
      ...this.#essMembers(name),
    ]);
    const template = members.find((one) => one.instanceId === instanceId)?.template;
    return template && String(template.version);
  }

  #essMembers(name: string) {
    const { engine } = this.local;
    const [group] = essGroups(engine).filter((one) => one.name === name);
    return group ? essMembersOf(engine, group.groupId) : [];
  }

  #inService(name: string): { instanceId: string; version: string }[] {
    const { engine } = this.local;
    const aws = membersOf(engine, name).filter(({ state }) => state === 'InService');
    const members = [...aws, ...this.#essMembers(name).filter(isServing)];
    return members.map(({ instanceId, template }) => ({
      instanceId,
      version: String(template?.version ?? '?'),
    }));
  }

  /** What was said of one kind of event, as text. */
  said(type: RunEvent['type']): string {
    return this.events
      .filter((event) => event.type === type)
      .map((event) => JSON.stringify(event))
      .join('\n');
  }

  async #turn(): Promise<void> {
    await this.local.engine.idle();
    await this.meanwhile();
    const { engine } = this.local;
    const there = ['workers', 'workers-green'].filter((name) => groups(engine).has(name));
    const members = there.flatMap((name) => membersOf(engine, name));
    const instances = [];
    for (const { instanceId, state, template } of members) {
      if (state !== 'InService' || !template) continue;
      instances.push({ id: instanceId, release: await this.#releaseOf(template.id, template.version) });
    }
    const { finishes } = this.workers;
    const leaving = finishes ? members.filter(({ state }) => state === 'Terminating:Wait') : [];
    if (instances.length + leaving.length === 0) return;
    const ids = leaving.map(({ instanceId }) => instanceId);
    const idle = await this.workers.turn(instances, this.clock.now(), ids);
    // A worker that has finished says so to the hook that holds its instance.
    for (const { instanceId, group, actions } of leaving.filter((one) => idle.includes(one.instanceId)))
      for (const { hook } of actions) completeAction(engine, { group, hook, instanceId }, 'CONTINUE');
    if (idle.length > 0) engine.settle();
  }

  async #releaseOf(templateId: string, version: string): Promise<string> {
    let release = this.#releases.get(version);
    if (release === undefined) {
      const found = await this.root.templates.findVersion(templateId, Number(version));
      release = found?.settings.tags[TAG.release] ?? '?';
      this.#releases.set(version, release);
    }
    return release;
  }

  async close(): Promise<void> {
    await this.clock.stop();
    this.workers.close();
    this.cloud.close();
    this.root.close();
    await this.local.close();
  }
}
