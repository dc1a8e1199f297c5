import type { Permission, PermissionChange, Shared } from '../../engine/ec2/permissions.ts';
import { oneOf } from '../../engine/ec2/template-launch.ts';
import type { Input } from '../input.ts';

/**
 * A change of permissions in either of the API's forms: a structure (`LaunchPermission.Add.1.UserId`), or `OperationType` with
 * `UserId.1`, `UserGroup.1` … Undefined where the request has neither.
 */
export function readSharing(input: Input, structure: string): PermissionChange | undefined {
  const given = input.object(structure);
  const listed = flat(input);
  if (!given && listed.length === 0) return undefined;
  const remove = oneOf('OperationType', input.text('OperationType'), ['add', 'remove']) === 'remove';
  return {
    add: [...(given?.objects('Add') ?? []).map(permission), ...(remove ? [] : listed)],
    remove: [...(given?.objects('Remove') ?? []).map(permission), ...(remove ? listed : [])],
  };
}

const permission = (item: Input): Permission & { group?: string } => ({
  userId: item.text('UserId'),
  group: item.text('Group'),
  organizationArn: item.text('OrganizationArn'),
  organizationalUnitArn: item.text('OrganizationalUnitArn'),
});

const flat = (input: Input): (Permission & { group?: string })[] => [
  ...input.list('UserId').map((userId) => ({ userId })),
  ...input.list('UserGroup').map((group) => ({ group })),
  ...input.list('OrganizationArn').map((organizationArn) => ({ organizationArn })),
  ...input.list('OrganizationalUnitArn').map((organizationalUnitArn) => ({ organizationalUnitArn })),
];

/** The list that `launchPermission` and `createVolumePermission` answer with. */
export const sharingView = (shared: Shared) => [
  ...(shared.public ? [{ group: 'all' }] : []),
  ...(shared.sharedWith ?? []),
];
