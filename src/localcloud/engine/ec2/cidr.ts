import { ServiceError } from '../errors.ts';

/** A block of IPv4 addresses: its first one and how many there are. */
export interface Cidr {
  first: number;
  size: number;
  /** Length of the network's part, bits. */
  bits: number;
}

/** `10.0.0.0/16`. Throws InvalidParameterValue; the bits after the network's part have to be zero. */
export function readCidr(text: string): Cidr {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  const parts = (match ?? []).slice(1).map(Number);
  const bits = parts[4] ?? 99;
  const size = 2 ** (32 - bits);
  const first = parts.slice(0, 4).reduce((sum, part) => sum * 256 + part, 0);
  if (!match || bits > 32 || parts.slice(0, 4).some((part) => part > 255) || first % size !== 0) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value (${text}) for parameter cidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  return { first, size, bits };
}

export const contains = (outer: Cidr, inner: Cidr) =>
  inner.first >= outer.first && inner.first + inner.size <= outer.first + outer.size;

export const overlaps = (a: Cidr, b: Cidr) => a.first < b.first + b.size && b.first < a.first + a.size;
