import { constants, createCipheriv, pbkdf2Sync, publicEncrypt, randomBytes } from 'node:crypto';
import { BakeError } from '../run/errors.ts';
import { quote, WORK_DIRECTORY } from './job.ts';

/** The machine's own key, on tmpfs: made by the first job that has a secret, gone when the machine goes down. */
const KEY = `${WORK_DIRECTORY}/key`;
const ROUNDS = 10_000;

/** Prints the public half of the machine's key, which is made unless it is there. */
export const keyScript = `#!/bin/sh
set -e
umask 077
mkdir -p ${WORK_DIRECTORY}
command -v openssl >/dev/null || { echo 'there is no openssl on the machine' >&2; exit 1; }
[ -s ${KEY} ] || { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ${KEY}.$$ 2>/dev/null; mv ${KEY}.$$ ${KEY}; }
echo "bake-key $(openssl pkey -in ${KEY} -pubout -outform DER | base64 | tr -d '\\n')"
`;

/** The key that \`keyScript\` printed. */
export function parseKey(stdout: string): Buffer {
  const key = /^bake-key (\S+)$/m.exec(stdout)?.[1];
  if (key === undefined) throw new BakeError('the machine did not say its key');
  return Buffer.from(key, 'base64');
}

/** Bytes that only the machine can read, and the shell filter that opens them there. */
export interface Sealed {
  bytes: Buffer;
  open: string;
}

/**
 * Seals bytes for the machine that has this public key (DER): AES-256-CBC as `openssl enc` has it, under a passphrase of its own that is
 * encrypted with RSA-OAEP. On the machine the passphrase is in a file on tmpfs, never in a process's arguments.
 */
export function seal(publicKey: Buffer, directory: string, bytes: Buffer): Sealed {
  const passphrase = Buffer.from(randomBytes(32).toString('hex'));
  const salt = randomBytes(8);
  const derived = pbkdf2Sync(passphrase, salt, ROUNDS, 48, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', derived.subarray(0, 32), derived.subarray(32));
  const key = { key: publicKey, format: 'der', type: 'spki', oaepHash: 'sha256' } as const;
  const wrapped = publicEncrypt({ ...key, padding: constants.RSA_PKCS1_OAEP_PADDING }, passphrase);
  const file = quote(`${directory}/passphrase`);
  const oaep = '-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256';
  return {
    bytes: Buffer.concat([Buffer.from('Salted__'), salt, cipher.update(bytes), cipher.final()]),
    open: `{ printf %s ${wrapped.toString('base64')} | base64 -d | openssl pkeyutl -decrypt -inkey ${KEY} ${oaep} >${file}; openssl enc -d -aes-256-cbc -pbkdf2 -iter ${ROUNDS} -md sha256 -pass file:${file}; rm -f ${file}; }`,
  };
}
