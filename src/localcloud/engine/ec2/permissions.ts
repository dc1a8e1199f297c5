import { ServiceError } from '../errors.ts';

/** Somebody that an image or a snapshot is shared with: one of the fields. */
export interface Permission {
  userId?: string;
  organizationArn?: string;
  organizationalUnitArn?: string;
}

/** What can be shared. */
export interface Shared {
  /** Everybody may use it. */
  public: boolean;
  sharedWith?: Permission[];
}

/** A change of who may use something; `group` is `all`. */
export interface PermissionChange {
  add: (Permission & { group?: string })[];
  remove: (Permission & { group?: string })[];
}

/** Who may use it after the change. Throws `code` for an account that is none and for a group other than `all`. */
export function changedPermissions(before: Shared, change: PermissionChange, code: string): Shared {
  for (const { userId, group } of [...change.add, ...change.remove]) {
    if (userId !== undefined && !/^\d{12}$/.test(userId)) {
      throw new ServiceError(code, `Invalid attribute item value "${userId}" for userId item type.`);
    }
    if (group !== undefined && group !== 'all') {
      throw new ServiceError(code, `Invalid attribute item value "${group}" for group item type.`);
    }
  }
  const gone = new Set(change.remove.map(identity));
  const added = change.add.filter(({ group }) => group === undefined);
  const all = [...(before.sharedWith ?? []), ...added];
  const sharedWith = new Map(all.map((permission) => [identity(permission), permission]));
  return {
    public:
      (before.public || change.add.some(({ group }) => group === 'all')) &&
      !change.remove.some(({ group }) => group === 'all'),
    sharedWith: [...sharedWith].filter(([key]) => !gone.has(key)).map(([, permission]) => permission),
  };
}

const identity = ({ userId, organizationArn, organizationalUnitArn }: Permission) =>
  `${userId}/${organizationArn}/${organizationalUnitArn}`;
