import { createHmac, timingSafeEqual } from 'node:crypto';

/** EC2: a token lives for 1 second to 6 hours. */
const LONGEST_TTL = 21_600;

/** Seconds asked for in `X-aws-ec2-metadata-token-ttl-seconds`; undefined when EC2 would refuse them. */
export function tokenTtl(header: string | undefined): number | undefined {
  if (header === undefined || !/^\d+$/.test(header)) return undefined;
  const seconds = Number(header);
  return seconds >= 1 && seconds <= LONGEST_TTL ? seconds : undefined;
}

/** A session token: its end and a seal over that. Nothing needs remembering, and it survives a restart of the daemon. */
export function makeToken(secret: string, expiresAt: number): string {
  return Buffer.from(`${expiresAt}.${seal(secret, expiresAt)}`).toString('base64url');
}

export function tokenHolds(secret: string, token: string, now: number): boolean {
  const [expiresAt, given = ''] = Buffer.from(token, 'base64url').toString('latin1').split('.');
  const expected = seal(secret, Number(expiresAt));
  if (given.length !== expected.length) return false;
  return timingSafeEqual(Buffer.from(given, 'latin1'), Buffer.from(expected)) && now < Number(expiresAt);
}

const seal = (secret: string, expiresAt: number) =>
  createHmac('sha256', secret).update(String(expiresAt)).digest('hex');
