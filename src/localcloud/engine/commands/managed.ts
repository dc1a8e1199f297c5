import { type InstanceRecord, instances } from '../ec2/instances.ts';
import type { Engine } from '../engine.ts';

/** What Systems Manager remembers of an instance whose agent has registered. */
interface Registration {
  instanceId: string;
  registeredAt: number;
  lastPingAt: number;
}

export interface ManagedInstance {
  instance: InstanceRecord;
  online: boolean;
  registeredAt: number;
  lastPingAt: number;
}

const registrations = (engine: Engine) => engine.store.table<Registration>('managedInstances');

/** As in reality, an agent without an instance profile has no credentials and never registers. */
export const isOnline = async (engine: Engine, instance: InstanceRecord): Promise<boolean> =>
  instance.state === 'running' &&
  instance.profile !== undefined &&
  (await engine.runtime.reachable(instance.instanceId));

/** Instances whose agent answers now, or has answered before and is not terminated. Asks them all. */
export async function managedInstances(engine: Engine): Promise<ManagedInstance[]> {
  const known = registrations(engine);
  const candidates = instances(engine).filter(
    ({ instanceId, state }) => state === 'running' || (state !== 'terminated' && known.has(instanceId)),
  );
  const online = await Promise.all(candidates.map((instance) => isOnline(engine, instance)));
  const now = engine.clock.now();
  const alive = new Set(candidates.map((instance) => instance.instanceId));
  for (const { instanceId } of known.all()) if (!alive.has(instanceId)) known.delete(instanceId);
  return candidates.flatMap((instance, at) => {
    const { instanceId } = instance;
    if (online[at]) {
      const registeredAt = known.get(instanceId)?.registeredAt ?? now;
      known.put(instanceId, { instanceId, registeredAt, lastPingAt: now });
    }
    const registration = known.get(instanceId);
    return registration ? [{ ...registration, instance, online: online[at] === true }] : [];
  });
}
