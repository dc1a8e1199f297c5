import { addKeyPair, keyPairs, readPublicKey } from '../../../engine/ec2/key-pairs.ts';
import { newKeyPair } from '../../../engine/ec2/new-key-pair.ts';
import type { Operation } from '../../service.ts';
import { carries, jsonList, pageOf, tagsOf, tagViews, utc } from './input.ts';

const ImportKeyPair: Operation = (input, { engine }) => {
  const key = readPublicKey(input.require('PublicKeyBody'));
  const { keyName, fingerprint } = addKeyPair(engine, {
    ...key,
    keyName: input.require('KeyPairName'),
    tags: tagsOf(input),
  });
  return { KeyPairName: keyName, KeyPairFingerPrint: fingerprint };
};

const CreateKeyPair: Operation = async (input, { engine }) => {
  const { privateKey, ...key } = await newKeyPair('rsa');
  const { keyName, fingerprint, keyPairId } = addKeyPair(engine, {
    ...key,
    keyName: input.require('KeyPairName'),
    tags: tagsOf(input),
  });
  return {
    KeyPairId: keyPairId,
    KeyPairName: keyName,
    KeyPairFingerPrint: fingerprint,
    PrivateKeyBody: privateKey,
  };
};

const DescribeKeyPairs: Operation = (input, { engine }) => {
  const name = input.text('KeyPairName');
  const found = keyPairs(engine).filter(
    ({ keyName, tags }) => (name === undefined || keyName === name) && carries(tags, input),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    KeyPairs: {
      KeyPair: items.map(({ keyName, fingerprint, createdAt, tags }) => ({
        KeyPairName: keyName,
        KeyPairFingerPrint: fingerprint,
        CreationTime: utc(createdAt),
        Tags: tagViews(tags),
      })),
    },
  };
};

/** A name that nobody knows is as good as deleted. */
const DeleteKeyPairs: Operation = (input, { engine }) => {
  const names = jsonList(input, 'KeyPairNames') ?? [];
  for (const { keyPairId, keyName } of keyPairs(engine).all())
    if (names.includes(keyName)) keyPairs(engine).delete(keyPairId);
  return {};
};

export const keyPairOperations: Record<string, Operation> = {
  ImportKeyPair,
  CreateKeyPair,
  DescribeKeyPairs,
  DeleteKeyPairs,
};
