import { totalmem } from 'node:os';

const UNITS: Record<string, number> = { '': 1, B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** systemd.resource-control(5), MemoryMax=: bytes, with K, M, G, T to the base 1024, a per cent of all memory, or "infinity". */
export function parseMemorySize(text: string): number | undefined {
  const trimmed = text.trim();
  if (trimmed === 'infinity') return Number.POSITIVE_INFINITY;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([BKMGT%]?)$/.exec(trimmed) ?? [];
  if (number === undefined) return undefined;
  return unit === '%' ? (totalmem() * Number(number)) / 100 : Number(number) * UNITS[unit]!;
}
