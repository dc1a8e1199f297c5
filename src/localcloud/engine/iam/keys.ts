import { type AccessKey, accessKeys } from '../credentials.ts';
import type { Engine } from '../engine.ts';
import { findPrincipal } from './records.ts';

/** A user's new key. @throws NoSuchEntity */
export function createAccessKey(engine: Engine, user: string): AccessKey {
  const { arn } = findPrincipal(engine, 'user', user);
  const accessKeyId = `AKIALOCAL${engine.ids.hex(11).toUpperCase()}`;
  return accessKeys(engine).put(accessKeyId, { accessKeyId, secretAccessKey: engine.ids.hex(40), arn });
}
