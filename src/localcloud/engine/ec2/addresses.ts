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
  const port = Number(new URL(engine.endpoint).port);
  const network = `127.${port >> 8}.${port & 255}`;
  const taken = new Set(
    [...instances(engine).filter(({ state }) => state !== 'terminated'), ...loadBalancers(engine).all()].map(
      ({ address }) => address,
    ),
  );
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
