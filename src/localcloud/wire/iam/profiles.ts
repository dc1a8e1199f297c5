import { ServiceError } from '../../engine/errors.ts';
import { alreadyExists, findPrincipal, findProfile, instanceProfiles } from '../../engine/iam/records.ts';
import type { Operation } from '../service.ts';
import { pageOf } from './paging.ts';
import { profileShape } from './shapes.ts';

const NAME = 'InstanceProfileName';

const CreateInstanceProfile: Operation = (input, { engine }) => {
  const name = input.require(NAME);
  const path = input.text('Path') ?? '/';
  if (instanceProfiles(engine).has(name)) throw alreadyExists('Instance Profile', name);
  const profile = instanceProfiles(engine).put(name, {
    ...{ name, path },
    id: `AIPA${engine.ids.hex(17).toUpperCase()}`,
    arn: `arn:aws:iam::${engine.account}:instance-profile${path}${name}`,
    createdAt: engine.clock.now(),
  });
  return { InstanceProfile: profileShape(engine, profile) };
};

const GetInstanceProfile: Operation = (input, { engine }) => ({
  InstanceProfile: profileShape(engine, findProfile(engine, input.require(NAME))),
});

const ListInstanceProfiles: Operation = (input, { engine }) =>
  pageOf(input, 'InstanceProfiles', instanceProfiles(engine).all(), (one) => profileShape(engine, one));

const ListInstanceProfilesForRole: Operation = (input, { engine }) => {
  const { name } = findPrincipal(engine, 'role', input.require('RoleName'));
  const found = instanceProfiles(engine).filter(({ role }) => role === name);
  return pageOf(input, 'InstanceProfiles', found, (one) => profileShape(engine, one));
};

const DeleteInstanceProfile: Operation = (input, { engine }) => {
  const { name, role } = findProfile(engine, input.require(NAME));
  if (role !== undefined)
    throw new ServiceError(
      'DeleteConflict',
      'Cannot delete entity, must remove roles from instance profile first.',
      409,
    );
  instanceProfiles(engine).delete(name);
};

const AddRoleToInstanceProfile: Operation = (input, { engine }) => {
  const profile = findProfile(engine, input.require(NAME));
  const role = findPrincipal(engine, 'role', input.require('RoleName'));
  if (profile.role !== undefined)
    throw new ServiceError(
      'LimitExceeded',
      'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1',
      409,
    );
  instanceProfiles(engine).patch(profile.name, { role: role.name });
};

const RemoveRoleFromInstanceProfile: Operation = (input, { engine }) => {
  const profile = findProfile(engine, input.require(NAME));
  if (profile.role !== input.require('RoleName'))
    throw new ServiceError('NoSuchEntity', 'The role is not in the instance profile.', 404);
  instanceProfiles(engine).patch(profile.name, { role: undefined });
};

export const profileOperations: Record<string, Operation> = {
  CreateInstanceProfile,
  GetInstanceProfile,
  ListInstanceProfiles,
  ListInstanceProfilesForRole,
  DeleteInstanceProfile,
  AddRoleToInstanceProfile,
  RemoveRoleFromInstanceProfile,
};
