import {
  addKeyPair,
  findKeyPair,
  type KeyPairRecord,
  keyPairs,
  readPublicKey,
} from '../../engine/ec2/key-pairs.ts';
import { newKeyPair } from '../../engine/ec2/new-key-pair.ts';
import { oneOf } from '../../engine/ec2/template-launch.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { tagSet, tagSpecifications } from './tag-wire.ts';

const view = (key: KeyPairRecord) => ({
  keyPairId: key.keyPairId,
  keyName: key.keyName,
  keyFingerprint: key.fingerprint,
  tagSet: tagSet(key.tags),
});

const CreateKeyPair: Operation = async (input, { engine }) => {
  const keyName = input.require('KeyName');
  const tags = tagSpecifications(input, ['key-pair'])['key-pair'] ?? {};
  if (input.has('KeyFormat') && input.text('KeyFormat') !== 'pem') {
    throw new ServiceError('UnsupportedOperation', 'The local cloud makes keys in the pem format only.');
  }
  const keyType = oneOf('KeyType', input.text('KeyType'), ['rsa', 'ed25519']) ?? 'rsa';
  const { privateKey, ...key } = await newKeyPair(keyType);
  return { ...view(addKeyPair(engine, { ...key, keyName, tags })), keyMaterial: privateKey };
};

const ImportKeyPair: Operation = (input, { engine }) => {
  const keyName = input.require('KeyName');
  const tags = tagSpecifications(input, ['key-pair'])['key-pair'] ?? {};
  const text = Buffer.from(input.require('PublicKeyMaterial'), 'base64').toString();
  return view(addKeyPair(engine, { ...readPublicKey(text), keyName, tags }));
};

/** Succeeds as well where there is none, as EC2 does for names. */
const DeleteKeyPair: Operation = (input, { engine }) => {
  const id = input.text('KeyPairId');
  const name = id === undefined ? input.require('KeyName') : undefined;
  const found =
    id !== undefined ? findKeyPair(engine, { id }) : keyPairs(engine).filter((k) => k.keyName === name)[0];
  if (found) keyPairs(engine).delete(found.keyPairId);
  return { return: true, keyPairId: found?.keyPairId };
};

const DescribeKeyPairs: Operation = (input, { engine }) => {
  const named = [
    ...input.list('KeyName').map((name) => findKeyPair(engine, { name })),
    ...input.list('KeyPairId').map((id) => findKeyPair(engine, { id })),
  ];
  const all = !input.has('KeyName') && !input.has('KeyPairId');
  const found = filtered(input, all ? keyPairs(engine).all() : named, {
    'key-name': (k) => k.keyName,
    'key-pair-id': (k) => k.keyPairId,
    fingerprint: (k) => k.fingerprint,
  });
  const withPublicKey = input.bool('IncludePublicKey') ?? false;
  return {
    keySet: found.map((key) => ({
      ...view(key),
      keyType: key.keyType,
      createTime: new Date(key.createdAt),
      publicKey: withPublicKey ? key.publicKey : undefined,
    })),
  };
};

export const keyPairOperations: Record<string, Operation> = {
  CreateKeyPair,
  ImportKeyPair,
  DeleteKeyPair,
  DescribeKeyPairs,
};
