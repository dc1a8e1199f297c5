import { attachPolicy, putInlinePolicy } from '../../engine/iam/principals.ts';
import { findPrincipal, noSuchEntity, type PrincipalKind, principals } from '../../engine/iam/records.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';
import { encodedDocument } from './shapes.ts';

/** Policies of a principal, inline and attached: the same for users and for roles. */
function operationsOf(kind: PrincipalKind, Kind: 'User' | 'Role'): Record<string, Operation> {
  const NAME = `${Kind}Name`;
  return {
    [`Put${Kind}Policy`]: (input, { engine }) =>
      putInlinePolicy(
        engine,
        kind,
        input.require(NAME),
        input.require('PolicyName'),
        input.require('PolicyDocument'),
      ),
    [`Get${Kind}Policy`]: (input, { engine }) => {
      const name = input.require('PolicyName');
      const document = findPrincipal(engine, kind, input.require(NAME)).policies[name];
      if (document === undefined) throw noSuchEntity(`${kind} policy`, name);
      return { [NAME]: input.text(NAME), PolicyName: name, PolicyDocument: encodedDocument(document) };
    },
    [`List${Kind}Policies`]: (input, { engine }) => {
      const { policies } = findPrincipal(engine, kind, input.require(NAME));
      return pageOf(input, 'PolicyNames', Object.keys(policies).sort(), (name) => name);
    },
    [`Delete${Kind}Policy`]: (input, { engine }) => {
      const name = input.require('PolicyName');
      const { [name]: gone, ...policies } = findPrincipal(engine, kind, input.require(NAME)).policies;
      if (gone === undefined) throw noSuchEntity(`${kind} policy`, name);
      principals(engine).patch(`${kind}/${input.require(NAME)}`, { policies });
    },
    [`Attach${Kind}Policy`]: (input, { engine }) =>
      attachPolicy(engine, kind, input.require(NAME), input.require('PolicyArn')),
    [`Detach${Kind}Policy`]: (input, { engine }) => {
      const arn = input.require('PolicyArn');
      const { attached } = findPrincipal(engine, kind, input.require(NAME));
      if (!attached.includes(arn)) throw noSuchEntity('policy', arn);
      principals(engine).patch(`${kind}/${input.require(NAME)}`, {
        attached: attached.filter((one) => one !== arn),
      });
    },
    [`ListAttached${Kind}Policies`]: (input, { engine }) => {
      const { attached } = findPrincipal(engine, kind, input.require(NAME));
      return pageOf(input, 'AttachedPolicies', attached, (arn) => ({
        PolicyName: arn.split('/').at(-1),
        PolicyArn: arn,
      }));
    },
  };
}

export const inlinePolicyOperations: Record<string, Operation> = {
  ...operationsOf('user', 'User'),
  ...operationsOf('role', 'Role'),
};
