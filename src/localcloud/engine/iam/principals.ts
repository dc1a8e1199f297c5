import { accessKeys } from '../credentials.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type PolicyLanguage, readPolicy, type Statement } from './documents.ts';
import {
  alreadyExists,
  findPrincipal,
  instanceProfiles,
  managedPolicies,
  type PrincipalKind,
  type PrincipalRecord,
  principals,
} from './records.ts';

/** The policies that AWS itself keeps. Only this one means something here; the others may be attached and grant nothing. */
const AWS_MANAGED: Record<string, string> = {
  'arn:aws:iam::aws:policy/AdministratorAccess': JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  }),
};

export function createPrincipal(
  engine: Engine,
  kind: PrincipalKind,
  name: string,
  more: Partial<Pick<PrincipalRecord, 'path' | 'description' | 'trust' | 'tags'>> = {},
): PrincipalRecord {
  if (!/^[\w+=,.@-]{1,64}$/.test(name))
    throw new ServiceError('ValidationError', `The specified value for ${kind}Name is invalid.`);
  const key = `${kind}/${name}`;
  if (principals(engine).has(key)) throw alreadyExists(kind === 'user' ? 'User' : 'Role', name);
  const path = more.path ?? '/';
  return principals(engine).put(key, {
    tags: {},
    ...more,
    ...{ kind, name, path, policies: {}, attached: [] },
    id: `${kind === 'user' ? 'AIDA' : 'AROA'}${engine.ids.hex(17).toUpperCase()}`,
    arn: `arn:aws:iam::${engine.account}:${kind}${path}${name}`,
    createdAt: engine.clock.now(),
  });
}

/** @throws DeleteConflict while something hangs on it */
export function deletePrincipal(engine: Engine, kind: PrincipalKind, name: string): void {
  const { policies, attached, arn } = findPrincipal(engine, kind, name);
  const conflict = (what: string) =>
    new ServiceError('DeleteConflict', `Cannot delete entity, must ${what} first.`, 409);
  if (attached.length > 0) throw conflict('detach all policies');
  if (Object.keys(policies).length > 0) throw conflict('delete policies');
  if (accessKeys(engine).filter((key) => key.arn === arn).length > 0) throw conflict('delete access keys');
  if (kind === 'role' && instanceProfiles(engine).filter((profile) => profile.role === name).length > 0)
    throw conflict('remove roles from instance profile');
  principals(engine).delete(`${kind}/${name}`);
}

/** @throws NoSuchEntity, MalformedPolicyDocument */
export function putInlinePolicy(
  engine: Engine,
  kind: PrincipalKind,
  name: string,
  policyName: string,
  document: string,
): void {
  const { policies } = findPrincipal(engine, kind, name);
  readPolicy(document);
  principals(engine).patch(`${kind}/${name}`, { policies: { ...policies, [policyName]: document } });
}

export function attachPolicy(engine: Engine, kind: PrincipalKind, name: string, arn: string): void {
  const { attached } = findPrincipal(engine, kind, name);
  if (!arn.startsWith('arn:aws:iam::aws:policy/') && !managedPolicies(engine).has(arn))
    throw new ServiceError('NoSuchEntity', `Policy ${arn} does not exist or is not attachable.`, 404);
  if (!attached.includes(arn)) principals(engine).patch(`${kind}/${name}`, { attached: [...attached, arn] });
}

/** Whose policies decide about a caller: the user, or the role behind an assumed one; undefined for the account itself. */
export function principalOf(arn: string): { kind: PrincipalKind; name: string } | undefined {
  const [, kind, rest = ''] = /^arn:aws[\w-]*:(?:iam|sts)::\d*:(user|assumed-role)\/(.+)$/.exec(arn) ?? [];
  if (kind === 'user') return { kind, name: rest.split('/').at(-1)! };
  return kind === undefined ? undefined : { kind: 'role', name: rest.split('/')[0]! };
}

const documentsOf = ({ policies, attached }: PrincipalRecord, engine: Engine): string[] => [
  ...Object.values(policies),
  ...attached.flatMap((arn) => AWS_MANAGED[arn] ?? managedPolicies(engine).get(arn)?.document ?? []),
];

/** Documents that were read before, by their text: they are asked at every request. */
const readBefore = new Map<string, Statement[]>();

/** All statements of a principal's policies (of one cloud); none for one that is not known. */
export function statementsOf(
  engine: Engine,
  kind: PrincipalKind,
  name: string,
  language?: PolicyLanguage,
): Statement[] {
  const record = principals(engine).get(`${kind}/${name}`);
  if (!record) return [];
  const all = documentsOf(record, engine).flatMap((document) => {
    let statements = readBefore.get(document);
    if (!statements) {
      if (readBefore.size > 500) readBefore.clear();
      statements = readPolicy(document);
      readBefore.set(document, statements);
    }
    return statements;
  });
  return language === undefined ? all : all.filter((one) => one.language === language);
}
