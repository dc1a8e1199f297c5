import { expect } from 'vitest';
import { createGroup, type GroupRequest } from '../../src/localcloud/engine/autoscaling/create.ts';
import { type GroupRecord, groups } from '../../src/localcloud/engine/autoscaling/groups.ts';
import { setHealth } from '../../src/localcloud/engine/autoscaling/health.ts';
import { installAutoScaling } from '../../src/localcloud/engine/autoscaling/index.ts';
import { isActive, membersOf } from '../../src/localcloud/engine/autoscaling/members.ts';
import { boundsOf } from '../../src/localcloud/engine/autoscaling/refresh/bounds.ts';
import {
  isReplacing,
  type RefreshRecord,
  refreshes,
} from '../../src/localcloud/engine/autoscaling/refresh/record.ts';
import { type RefreshRequest, startRefresh } from '../../src/localcloud/engine/autoscaling/refresh/start.ts';
import { viewOf } from '../../src/localcloud/engine/autoscaling/refresh/view.ts';
import { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { installCloudWatch } from '../../src/localcloud/engine/cloudwatch/index.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { installEc2 } from '../../src/localcloud/engine/ec2/index.ts';
import { findTemplate } from '../../src/localcloud/engine/ec2/launch-templates.ts';
import { createTemplate, createTemplateVersion } from '../../src/localcloud/engine/ec2/template-changes.ts';
import { createEngine, type Engine } from '../../src/localcloud/engine/engine.ts';
import { createIds } from '../../src/localcloud/engine/ids.ts';
import { createLatency } from '../../src/localcloud/engine/latency.ts';
import { Store } from '../../src/localcloud/engine/store.ts';
import { noRuntime } from '../../src/localcloud/sandbox/none.ts';
import type { Runtime } from '../../src/localcloud/sandbox/runtime.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;

/** Everything happens at once but what the test itself asks for. */
export const NO_LATENCY = {
  'instance.pending': 0,
  'instance.stopping': 0,
  'instance.shutting-down': 0,
  'group.launch': 0,
  'group.tick': 0,
  'refresh.tick': 0,
};

/** EC2 and Auto Scaling on a virtual clock, without processes: template `worker` with versions 1 and 2. */
export class World {
  readonly clock: VirtualClock;
  readonly engine: Engine;
  readonly store: Store;
  readonly start: number;

  constructor(
    options: {
      directory?: string;
      at?: number;
      latency?: Record<string, number>;
      runtime?: Partial<Runtime>;
    } = {},
  ) {
    this.clock = new VirtualClock(options.at);
    this.store = new Store(options.directory);
    this.engine = createEngine({
      clock: this.clock,
      store: this.store,
      ids: createIds(7 + (options.at ?? 0)),
      latency: createLatency({ overrides: options.latency }),
      runtime: { ...noRuntime(), ...options.runtime },
      directory: options.directory,
    });
    installEc2(this.engine);
    installAutoScaling(this.engine);
    installCloudWatch(this.engine);
    this.start = this.clock.now();
  }

  /** Versions 1 and 2 of the template. */
  addTemplate(): void {
    const data = { ImageId: baseImageId(this.engine), InstanceType: 't3.micro' };
    createTemplate(this.engine, { name: 'worker', data, tags: {}, createdBy: 'test' });
    this.addVersion();
  }

  addVersion(data: Record<string, unknown> = {}): void {
    const template = findTemplate(this.engine, { name: 'worker' });
    createTemplateVersion(this.engine, template, { sourceVersion: '1', data, createdBy: 'test' });
  }

  /** A group of version 1 that has come up and warmed up. */
  async addGroup(desired: number, request: Partial<GroupRequest> = {}): Promise<void> {
    createGroup(this.engine, {
      name: 'workers',
      min: 0,
      max: 20,
      desired,
      template: { name: 'worker', version: '1' },
      zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
      tags: [],
      hooks: [],
      ...request,
    });
    await this.pass(HOUR, MINUTE);
  }

  /** Without a version: no desired configuration, the group's own. */
  refresh(preferences: RefreshRequest['preferences'], version: string | null = '2'): string {
    return startRefresh(this.engine, 'workers', {
      desired: version === null ? undefined : { template: { name: 'worker', version } },
      preferences,
    });
  }

  /** Moves time on in steps, letting what runs in the background end after each. */
  async pass(ms: number, step = SECOND, each: () => void = () => {}): Promise<void> {
    this.engine.settle();
    await this.engine.idle();
    each();
    for (let passed = 0; passed < ms; passed += step) {
      this.clock.advance(Math.min(step, ms - passed));
      await this.engine.idle();
      each();
    }
  }

  /** Moves time on until it is so; returns how long that took. */
  async until(
    what: () => boolean,
    limit = 6 * HOUR,
    step = SECOND,
    each: () => void = () => {},
  ): Promise<number> {
    const start = this.clock.now();
    await this.pass(0, step, each);
    while (!what()) {
      if (this.clock.now() - start >= limit) throw new Error(`not within ${limit / SECOND} s: ${what}`);
      await this.pass(step, step, each);
    }
    return this.clock.now() - start;
  }

  get group(): GroupRecord {
    return groups(this.engine).get('workers') as GroupRecord;
  }

  get members() {
    return membersOf(this.engine, 'workers');
  }

  /** Template versions of the active members, in ascending order: "1112". */
  get fleet(): string {
    return this.members
      .filter(isActive)
      .map(({ template }) => template?.version ?? '?')
      .sort()
      .join('');
  }

  refreshOf(id: string): RefreshRecord {
    return refreshes(this.engine).get(id) as RefreshRecord;
  }

  /** Marks every instance of a version that is in service as unhealthy: a release that does not work. */
  breakVersion(version: string): void {
    for (const member of this.members) {
      if (member.state === 'InService' && member.healthy && member.template?.version === version) {
        setHealth(this.engine, member.instanceId, 'Unhealthy', false);
      }
    }
    this.engine.settle();
  }

  /** What a refresh promises at every moment of its replacing: never fewer ready, never more in all. */
  checkBounds(id: string): void {
    const refresh = this.refreshOf(id);
    if (!isReplacing(refresh)) return;
    const { ready, active, desired } = viewOf(this.engine, refresh);
    const { lower, upper, atLeastOne } = boundsOf(desired, refresh.preferences);
    const least = atLeastOne ? Math.min(lower, desired - 1) : lower;
    expect(ready.length, `ready at ${this.clock.now() - this.start} ms`).toBeGreaterThanOrEqual(least);
    expect(active.length, `active at ${this.clock.now() - this.start} ms`).toBeLessThanOrEqual(upper);
  }
}
