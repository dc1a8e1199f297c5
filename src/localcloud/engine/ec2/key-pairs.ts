import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findResource, type Tags } from './resources.ts';

export interface KeyPairRecord {
  keyPairId: string;
  keyName: string;
  keyType: 'rsa' | 'ed25519';
  /** As in authorized_keys: `ssh-ed25519 AAAA…` */
  publicKey: string;
  fingerprint: string;
  createdAt: number;
  tags: Tags;
}

export const keyPairs = (engine: Engine) => engine.store.table<KeyPairRecord>('keyPairs');

/** Throws InvalidKeyPair.NotFound. */
export function findKeyPair(engine: Engine, { id, name }: { id?: string; name?: string }): KeyPairRecord {
  if (id !== undefined) return findResource<KeyPairRecord>(engine, 'key', id);
  const found = keyPairs(engine).filter((key) => key.keyName === name)[0];
  if (!found) throw new ServiceError('InvalidKeyPair.NotFound', `The key pair '${name}' does not exist`);
  return found;
}

/** Throws InvalidKeyPair.Duplicate. */
export function addKeyPair(
  engine: Engine,
  key: Pick<KeyPairRecord, 'keyName' | 'keyType' | 'publicKey' | 'fingerprint' | 'tags'>,
): KeyPairRecord {
  if (keyPairs(engine).filter(({ keyName }) => keyName === key.keyName).length > 0) {
    throw new ServiceError('InvalidKeyPair.Duplicate', `The keypair already exists: ${key.keyName}`);
  }
  const keyPairId = engine.ids.resource('key');
  return keyPairs(engine).put(keyPairId, { ...key, keyPairId, createdAt: engine.clock.now() });
}

/** Reads a line of authorized_keys (RSA or Ed25519), checking that it is one. Throws InvalidKey.Format. */
export function readPublicKey(text: string): Pick<KeyPairRecord, 'keyType' | 'publicKey' | 'fingerprint'> {
  const [name = '', base64 = ''] = text.trim().split(/\s+/);
  try {
    const parts = sshStrings(Buffer.from(base64, 'base64'));
    if (parts[0]?.toString() !== name) throw new Error('type and content differ');
    const url = (part: Buffer | undefined) => (part as Buffer).toString('base64url');
    if (name === 'ssh-ed25519') {
      const key = createPublicKey({
        format: 'jwk',
        key: { kty: 'OKP', crv: 'Ed25519', x: url(parts[1]) },
      });
      return { keyType: 'ed25519', publicKey: `${name} ${base64}`, fingerprint: ed25519Fingerprint(key) };
    }
    if (name !== 'ssh-rsa') throw new Error('unknown type');
    const key = createPublicKey({
      format: 'jwk',
      key: { kty: 'RSA', e: url(parts[1]), n: url(parts[2]) },
    });
    // Imported RSA keys: MD5 of the public key. Source: EC2 user guide, "Determine the fingerprint".
    return { keyType: 'rsa', publicKey: `${name} ${base64}`, fingerprint: colons('md5', spki(key)) };
  } catch {
    throw new ServiceError('InvalidKey.Format', 'Key is not in valid OpenSSH public key format');
  }
}

/** The key as a line of authorized_keys. */
export function openSshPublicKey(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  const bytes = (text: string | undefined) => Buffer.from(text as string, 'base64url');
  const positive = (n: Buffer) => ((n[0] as number) & 0x80 ? Buffer.concat([Buffer.of(0), n]) : n);
  const parts =
    jwk.kty === 'OKP'
      ? [Buffer.from('ssh-ed25519'), bytes(jwk.x)]
      : [Buffer.from('ssh-rsa'), positive(bytes(jwk.e)), positive(bytes(jwk.n))];
  return `${parts[0]} ${Buffer.concat(parts.map(sshString)).toString('base64')}`;
}

/** A string of the SSH wire format: length and bytes (RFC 4251). */
export function sshString(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function sshStrings(blob: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    const length = blob.readUInt32BE(at);
    parts.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return parts;
}

const spki = (key: KeyObject) => key.export({ type: 'spki', format: 'der' });

export const ed25519Fingerprint = (key: KeyObject) => {
  const blob = Buffer.from(openSshPublicKey(key).split(' ')[1] as string, 'base64');
  return createHash('sha256').update(blob).digest('base64');
};

/** `1f:51:ae:…` */
export const colons = (algorithm: 'md5' | 'sha1', der: Buffer) =>
  (createHash(algorithm).update(der).digest('hex').match(/../g) as string[]).join(':');
