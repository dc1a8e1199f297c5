import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';

export type PrincipalKind = 'user' | 'role';

export interface PrincipalRecord {
  kind: PrincipalKind;
  name: string;
  /** `/` unless told otherwise. */
  path: string;
  id: string;
  arn: string;
  createdAt: number;
  description?: string;
  /** A role's trust policy, as it came. It decides about tokens of identity providers only: AssumeRole lets everybody in. */
  trust?: string;
  tags: Record<string, string>;
  /** Inline policies: documents by name. */
  policies: Record<string, string>;
  /** ARNs of managed policies. */
  attached: string[];
}

export interface ManagedPolicyRecord {
  arn: string;
  name: string;
  id: string;
  path: string;
  description?: string;
  document: string;
  createdAt: number;
}

export interface InstanceProfileRecord {
  name: string;
  path: string;
  id: string;
  arn: string;
  createdAt: number;
  /** At most one. */
  role?: string;
}

/** An issuer of tokens that roles may trust. */
export interface IdentityProviderRecord {
  arn: string;
  /** Without a slash at its end. */
  url: string;
  /** Audiences. */
  clients: string[];
  thumbprints: string[];
  createdAt: number;
}

/** By ARN. */
export const identityProviders = (engine: Engine) =>
  engine.store.table<IdentityProviderRecord>('iamIdentityProviders');

/** Keyed `user/NAME` and `role/NAME`. */
export const principals = (engine: Engine) => engine.store.table<PrincipalRecord>('iamPrincipals');

/** By ARN. */
export const managedPolicies = (engine: Engine) =>
  engine.store.table<ManagedPolicyRecord>('iamManagedPolicies');

export const instanceProfiles = (engine: Engine) =>
  engine.store.table<InstanceProfileRecord>('iamInstanceProfiles');

export const noSuchEntity = (what: string, name: string) =>
  new ServiceError('NoSuchEntity', `The ${what} with name ${name} cannot be found.`, 404);

export const alreadyExists = (what: string, name: string) =>
  new ServiceError('EntityAlreadyExists', `${what} with name ${name} already exists.`, 409);

/** @throws NoSuchEntity */
export function findPrincipal(engine: Engine, kind: PrincipalKind, name: string): PrincipalRecord {
  const found = principals(engine).get(`${kind}/${name}`);
  if (!found) throw noSuchEntity(kind, name);
  return found;
}

/** @throws NoSuchEntity */
export function findProfile(engine: Engine, name: string): InstanceProfileRecord {
  const found = instanceProfiles(engine).get(name);
  if (!found) throw new ServiceError('NoSuchEntity', `Instance Profile ${name} cannot be found.`, 404);
  return found;
}

/** The name of an instance profile's role: where IAM knows the profile, the role in it; else it is called like the profile. */
export function roleOfProfile(engine: Engine, profile: string): string {
  const name = profile.split('/').at(-1) as string;
  return instanceProfiles(engine).get(name)?.role ?? name;
}
