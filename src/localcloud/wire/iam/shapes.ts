import type { Engine } from '../../engine/engine.ts';
import {
  type InstanceProfileRecord,
  type ManagedPolicyRecord,
  type PrincipalRecord,
  principals,
} from '../../engine/iam/records.ts';

/** Documents are URL-encoded in answers. Source: IAM API reference, GetRolePolicy. */
export const encodedDocument = (document: string) => encodeURIComponent(document);

export const tagList = (tags: Record<string, string>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export function principalShape({ kind, name, path, id, arn, createdAt, ...more }: PrincipalRecord) {
  const common = { Path: path, Arn: arn, CreateDate: new Date(createdAt) };
  const tags = Object.keys(more.tags).length > 0 ? tagList(more.tags) : undefined;
  if (kind === 'user') return { ...common, UserName: name, UserId: id, Tags: tags };
  return {
    ...common,
    RoleName: name,
    RoleId: id,
    AssumeRolePolicyDocument: more.trust && encodedDocument(more.trust),
    Description: more.description,
    MaxSessionDuration: 3_600,
    Tags: tags,
  };
}

export function profileShape(engine: Engine, profile: InstanceProfileRecord) {
  const role = profile.role === undefined ? undefined : principals(engine).get(`role/${profile.role}`);
  return {
    Path: profile.path,
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    Arn: profile.arn,
    CreateDate: new Date(profile.createdAt),
    Roles: role ? [principalShape(role)] : [],
  };
}

export function policyShape(engine: Engine, policy: ManagedPolicyRecord) {
  const attached = principals(engine).filter((one) => one.attached.includes(policy.arn)).length;
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: 'v1',
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: new Date(policy.createdAt),
    UpdateDate: new Date(policy.createdAt),
  };
}
