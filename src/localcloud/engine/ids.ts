import { randomBytes } from 'node:crypto';

/** Random numbers and ids. With a seed the same cloud comes out every time. */
export interface Ids {
  /** `prefix-` and 17 hexadecimal digits, as EC2 makes them: i-0abc… */
  resource(prefix: string): string;
  uuid(): string;
  hex(digits: number): string;
  /** 0 <= x < 1 */
  random(): number;
}

export function createIds(seed?: number): Ids {
  const hex =
    seed === undefined
      ? (digits: number) =>
          randomBytes(Math.ceil(digits / 2))
            .toString('hex')
            .slice(0, digits)
      : seededHex(seed);
  return {
    hex,
    resource: (prefix) => `${prefix}-0${hex(16)}`,
    uuid() {
      const h = hex(32);
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20)}`;
    },
    random: () => Number.parseInt(hex(8), 16) / 2 ** 32,
  };
}

/** mulberry32: small, fast, good enough for ids and jitter. */
function seededHex(seed: number): (digits: number) => string {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0).toString(16).padStart(8, '0');
  };
  return (digits) => {
    let text = '';
    while (text.length < digits) text += next();
    return text.slice(0, digits);
  };
}
