import { createPrincipal, deletePrincipal } from '../../engine/iam/principals.ts';
import { findPrincipal, type PrincipalKind, principals } from '../../engine/iam/records.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';
import { principalShape } from './shapes.ts';

/** Create, Get, List, Delete: the same for users and for roles. */
function operationsOf(kind: PrincipalKind, Kind: 'User' | 'Role'): Record<string, Operation> {
  const NAME = `${Kind}Name`;
  return {
    [`Create${Kind}`]: (input, { engine }) => ({
      [Kind]: principalShape(
        createPrincipal(engine, kind, input.require(NAME), {
          path: input.text('Path'),
          description: input.text('Description'),
          trust: kind === 'role' ? input.require('AssumeRolePolicyDocument') : undefined,
          tags: Object.fromEntries(
            input.objects('Tags').map((tag) => [tag.require('Key'), tag.text('Value') ?? '']),
          ),
        }),
      ),
    }),
    [`Get${Kind}`]: (input, { engine }) => ({
      [Kind]: principalShape(findPrincipal(engine, kind, input.require(NAME))),
    }),
    [`List${Kind}s`]: (input, { engine }) => {
      const prefix = input.text('PathPrefix') ?? '/';
      const found = principals(engine)
        .filter((one) => one.kind === kind && one.path.startsWith(prefix))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return pageOf(input, `${Kind}s`, found, principalShape);
    },
    [`Delete${Kind}`]: (input, { engine }) => deletePrincipal(engine, kind, input.require(NAME)),
  };
}

export const principalOperations: Record<string, Operation> = {
  ...operationsOf('user', 'User'),
  ...operationsOf('role', 'Role'),
};
