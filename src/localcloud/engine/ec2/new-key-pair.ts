import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { colons, ed25519Fingerprint, type KeyPairRecord, openSshPublicKey, sshString } from './key-pairs.ts';

/** A key pair as CreateKeyPair makes it: the private half leaves with the answer and is kept nowhere. */
export async function newKeyPair(
  keyType: KeyPairRecord['keyType'],
): Promise<Pick<KeyPairRecord, 'keyType' | 'publicKey' | 'fingerprint'> & { privateKey: string }> {
  const generate = promisify(generateKeyPair);
  if (keyType === 'ed25519') {
    const { publicKey, privateKey } = await generate('ed25519', {});
    return {
      keyType,
      publicKey: openSshPublicKey(publicKey),
      fingerprint: ed25519Fingerprint(publicKey),
      privateKey: openSshPrivateKey(privateKey),
    };
  }
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 });
  return {
    keyType,
    publicKey: openSshPublicKey(publicKey),
    // RSA keys made by EC2: SHA-1 of the private key. Source: EC2 user guide, "Determine the fingerprint".
    fingerprint: colons('sha1', privateKey.export({ type: 'pkcs8', format: 'der' })),
    privateKey: privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
  };
}

/** OpenSSH's own container, unencrypted; the only form in which ssh reads Ed25519 keys. Format: openssh PROTOCOL.key. */
function openSshPrivateKey(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  const open = Buffer.from(jwk.x as string, 'base64url');
  const secret = Buffer.concat([Buffer.from(jwk.d as string, 'base64url'), open]);
  const type = Buffer.from('ssh-ed25519');
  const check = randomBytes(4);
  const body = Buffer.concat([
    check,
    check,
    sshString(type),
    sshString(open),
    sshString(secret),
    sshString(Buffer.alloc(0)),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const none = sshString(Buffer.from('none'));
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    none,
    none,
    sshString(Buffer.alloc(0)),
    Buffer.of(0, 0, 0, 1),
    sshString(Buffer.concat([sshString(type), sshString(open)])),
    sshString(Buffer.concat([body, padding])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) as string[];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
