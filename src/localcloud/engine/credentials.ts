import type { Engine } from './engine.ts';

/** Keys that may sign requests: the account's own, and those handed to instances through their metadata service. */
export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  /** Temporary keys have one, and it must be sent. */
  sessionToken?: string;
  expiresAt?: number;
  /** Principal's ARN. */
  arn: string;
}

export const accessKeys = (engine: Engine) => engine.store.table<AccessKey>('accessKeys');

/** The account's own key, made at first use and kept. */
export function rootKey(engine: Engine): AccessKey {
  const keys = accessKeys(engine);
  const arn = `arn:aws:iam::${engine.account}:root`;
  const existing = keys.filter((key) => key.arn === arn && key.sessionToken === undefined)[0];
  if (existing) return existing;
  const accessKeyId = `AKIALOCAL${engine.ids.hex(11).toUpperCase()}`;
  return keys.put(accessKeyId, { accessKeyId, secretAccessKey: engine.ids.hex(40), arn });
}

/** Temporary keys for one instance's role; kept while they have 15 minutes left. */
export function roleKey(engine: Engine, roleName: string, instanceId: string): AccessKey {
  const keys = accessKeys(engine);
  const arn = `arn:aws:sts::${engine.account}:assumed-role/${roleName}/${instanceId}`;
  const now = engine.clock.now();
  const existing = keys.filter((key) => key.arn === arn && (key.expiresAt ?? 0) > now + 15 * 60_000)[0];
  if (existing) return existing;
  return temporaryKey(engine, arn, 6 * 3_600);
}

/** New temporary keys for a principal, good for so many seconds. Keys that ended over an hour ago are forgotten. */
export function temporaryKey(engine: Engine, arn: string, seconds: number): AccessKey {
  const keys = accessKeys(engine);
  const now = engine.clock.now();
  for (const key of keys.filter((key) => (key.expiresAt ?? now) < now - 3_600_000))
    keys.delete(key.accessKeyId);
  const accessKeyId = `ASIALOCAL${engine.ids.hex(11).toUpperCase()}`;
  return keys.put(accessKeyId, {
    accessKeyId,
    secretAccessKey: engine.ids.hex(40),
    sessionToken: engine.ids.hex(64),
    expiresAt: now + seconds * 1_000,
    arn,
  });
}
