import { clbBalancers } from '../clb/records.ts';
import { loadBalancers } from '../elb/records.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { instances } from './instance-record.ts';

const counters = (engine: Engine) => engine.store.table<number>('counters');

/**
 * Addresses for new instances. Processes get one of the loopback network, 127.PORT-HIGH.PORT-LOW.N: two clouds on one
 * machine have different ports and so never clash. Without processes there is no limit: 10.0.0.0/8, never used twice.
 * Throws InsufficientFreeAddressesInSubnet.
 */
export function freeAddresses(engine: Engine, count: number): string[] {
  if (engine.runtime.kind === 'none') {
    const first = counters(engine).get('address') ?? 256;
    counters(engine).put('address', first + count);
    return Array.from({ length: count }, (_, index) => {
      const n = first + index;
      return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    });
  }
  const network = networkOf(engine);
  const taken = takenAddresses(engine);
  const free: string[] = [];
  for (let n = 2; n <= 254 && free.length < count; n++) {
    const address = `${network}.${n}`;
    if (!taken.has(address)) free.push(address);
  }
  if (free.length < count) {
    throw new ServiceError(
      'InsufficientFreeAddressesInSubnet',
      `There are not enough free addresses in ${network}.0/24 to satisfy the requested number of instances.`,
    );
  }
  return free;
}

/**
 * An address of a load balancer's own in the cloud's part of the loopback network: from the top down, as instances take theirs from
 * the bottom up. Throws TooManyLoadBalancers.
 */
export function freeBalancerAddress(engine: Engine): string {
  const taken = takenAddresses(engine);
  for (let n = 254; n >= 2; n--) {
    const address = `${networkOf(engine)}.${n}`;
    if (!taken.has(address)) return address;
  }
  throw new ServiceError('TooManyLoadBalancers', 'There is no address left for a load balancer.');
}

function networkOf(engine: Engine): string {
  const port = Number(new URL(engine.endpoint).port);
  return `127.${port >> 8}.${port & 255}`;
}

const takenAddresses = (engine: Engine): Set<string> =>
  new Set(
    [
      ...instances(engine).filter(({ state }) => state !== 'terminated'),
      ...loadBalancers(engine).all(),
      ...clbBalancers(engine).all(),
    ].map(({ address }) => address),
  );
