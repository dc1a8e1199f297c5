import type { Cloud } from '../../src/clouds/cloud.ts';
import { openCloud } from '../../src/clouds/open.ts';
import { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { type Clock, systemClock } from '../../src/run/clock.ts';
import { type Look, poll } from '../../src/run/poll.ts';
import { startCloud, type TestCloud } from './cloud.ts';

export interface AdapterTest {
  local: TestCloud;
  cloud: Cloud;
  clock: Clock;
  /** Looks until `look` gives something; each pause moves the cloud's time on, none of it passes in reality. */
  until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T>;
  close(): Promise<void>;
}

/** The AWS adapter on an embedded cloud of its own, over HTTP, both on one virtual clock. */
export async function startAdapter(): Promise<AdapterTest> {
  // Now, because tokens and queues compare it with what the client says.
  const virtual = new VirtualClock(Date.now());
  const local = await startCloud({ clock: virtual });
  const clock: Clock = {
    now: () => virtual.now(),
    async sleep(ms) {
      virtual.advance(ms);
      await local.engine.idle();
      // Lets sockets and promises have their turn.
      await systemClock.sleep(0);
    },
  };
  const { endpoint, credentials, region } = local;
  const cloud = await openCloud({ kind: 'aws', endpoint, credentials, region, local: true, clock });
  return {
    local,
    cloud,
    clock,
    until<T>(what: string, look: () => Promise<T | undefined | false>) {
      const seen = async (): Promise<Look<T>> => {
        const value = await look();
        return value === undefined || value === false
          ? { done: false, state: 'not yet' }
          : { done: true, value };
      };
      return poll(seen, { what, timeout: 3_600_000, clock });
    },
    async close() {
      cloud.close();
      await local.close();
    },
  };
}
