import { ServiceError } from '../../engine/errors.ts';
import { readPolicy } from '../../engine/iam/documents.ts';
import { alreadyExists, managedPolicies, noSuchEntity, principals } from '../../engine/iam/records.ts';
import type { Operation, RequestContext } from '../service.ts';
import { pageOf } from './paging.ts';
import { encodedDocument, policyShape } from './shapes.ts';

const find = ({ engine }: RequestContext, arn: string) => {
  const policy = managedPolicies(engine).get(arn);
  if (!policy) throw noSuchEntity('policy', arn);
  return policy;
};

const CreatePolicy: Operation = (input, { engine }) => {
  const name = input.require('PolicyName');
  const path = input.text('Path') ?? '/';
  const document = input.require('PolicyDocument');
  readPolicy(document);
  const arn = `arn:aws:iam::${engine.account}:policy${path}${name}`;
  if (managedPolicies(engine).has(arn)) throw alreadyExists('A policy', name);
  const policy = managedPolicies(engine).put(arn, {
    ...{ arn, name, path, document },
    id: `ANPA${engine.ids.hex(17).toUpperCase()}`,
    description: input.text('Description'),
    createdAt: engine.clock.now(),
  });
  return { Policy: policyShape(engine, policy) };
};

const GetPolicy: Operation = (input, context) => ({
  Policy: policyShape(context.engine, find(context, input.require('PolicyArn'))),
});

/** A policy has one version here, its first. */
const GetPolicyVersion: Operation = (input, context) => {
  const { document, createdAt } = find(context, input.require('PolicyArn'));
  const version = input.require('VersionId');
  if (version !== 'v1') throw noSuchEntity('policy version', version);
  return {
    PolicyVersion: {
      Document: encodedDocument(document),
      VersionId: version,
      IsDefaultVersion: true,
      CreateDate: new Date(createdAt),
    },
  };
};

const ListPolicies: Operation = (input, { engine }) =>
  pageOf(input, 'Policies', managedPolicies(engine).all(), (policy) => policyShape(engine, policy));

const DeletePolicy: Operation = (input, context) => {
  const { arn } = find(context, input.require('PolicyArn'));
  if (principals(context.engine).filter((one) => one.attached.includes(arn)).length > 0)
    throw new ServiceError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409);
  managedPolicies(context.engine).delete(arn);
};

export const managedPolicyOperations: Record<string, Operation> = {
  CreatePolicy,
  GetPolicy,
  GetPolicyVersion,
  ListPolicies,
  DeletePolicy,
};
