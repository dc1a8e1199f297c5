import { accessKeys } from '../../engine/credentials.ts';
import type { Engine } from '../../engine/engine.ts';
import { createAccessKey } from '../../engine/iam/keys.ts';
import { findPrincipal, noSuchEntity } from '../../engine/iam/records.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';

const CreateAccessKey: Operation = (input, { engine }) => {
  const name = input.require('UserName');
  const { accessKeyId, secretAccessKey } = createAccessKey(engine, name);
  return {
    AccessKey: {
      UserName: name,
      AccessKeyId: accessKeyId,
      Status: 'Active',
      SecretAccessKey: secretAccessKey,
      CreateDate: new Date(engine.clock.now()),
    },
  };
};

const keysOf = (engine: Engine, input: Input) => {
  const { arn } = findPrincipal(engine, 'user', input.require('UserName'));
  return accessKeys(engine).filter((key) => key.arn === arn && key.sessionToken === undefined);
};

const ListAccessKeys: Operation = (input, { engine }) =>
  pageOf(input, 'AccessKeyMetadata', keysOf(engine, input), ({ accessKeyId }) => ({
    UserName: input.text('UserName'),
    AccessKeyId: accessKeyId,
    Status: 'Active',
  }));

const DeleteAccessKey: Operation = (input, { engine }) => {
  const id = input.require('AccessKeyId');
  if (!keysOf(engine, input).some(({ accessKeyId }) => accessKeyId === id))
    throw noSuchEntity('Access Key', id);
  accessKeys(engine).delete(id);
};

export const accessKeyOperations: Record<string, Operation> = {
  CreateAccessKey,
  ListAccessKeys,
  DeleteAccessKey,
};
