import { createHash } from 'node:crypto';
import { type AccessKey, temporaryKey } from '../../engine/credentials.ts';
import { ServiceError } from '../../engine/errors.ts';
import { identityByToken } from '../../engine/iam/web-identity.ts';
import type { Input } from '../input.ts';
import type { Operation, Service } from '../service.ts';

/** AWS Security Token Service, version 2011-06-15: who am I, and temporary keys. */
export function stsService(): Service {
  return {
    signingName: 'sts',
    form: {
      dialect: 'query',
      xmlns: 'https://sts.amazonaws.com/doc/2011-06-15/',
      operations: { GetCallerIdentity, AssumeRole, AssumeRoleWithWebIdentity, GetSessionToken },
      unsigned: ['AssumeRoleWithWebIdentity'],
    },
  };
}

const GetCallerIdentity: Operation = (_input, { caller }) => {
  const session = caller.arn.split(':assumed-role/')[1]?.split('/')[1];
  return {
    Arn: caller.arn,
    UserId: session === undefined ? caller.account : `${roleId(caller.arn)}:${session}`,
    Account: caller.account,
  };
};

/** Any role may be assumed: only tokens of identity providers are held against its trust policy. Sessions last an hour unless told otherwise. */
const AssumeRole: Operation = (input, { engine }) => {
  const { arn, id } = roleSession(input);
  const key = temporaryKey(engine, arn, duration(input, 3_600));
  return {
    Credentials: shape(key),
    AssumedRoleUser: { AssumedRoleId: id, Arn: arn },
    PackedPolicySize: input.has('Policy') ? 1 : undefined,
  };
};

/** For who has a token of an identity provider that the role trusts, such as a job of GitHub Actions. */
const AssumeRoleWithWebIdentity: Operation = async (input, { engine }) => {
  const { arn, id } = roleSession(input);
  const token = input.require('WebIdentityToken');
  const identity = await identityByToken(engine, input.require('RoleArn'), token);
  return {
    Credentials: shape(temporaryKey(engine, arn, duration(input, 3_600))),
    SubjectFromWebIdentityToken: identity.subject,
    AssumedRoleUser: { AssumedRoleId: id, Arn: arn },
    Provider: identity.provider,
    Audience: identity.audience,
  };
};

function roleSession(input: Input): { arn: string; id: string } {
  const roleArn = input.require('RoleArn');
  const sessionName = input.require('RoleSessionName');
  const role = /^arn:aws[\w-]*:iam::(\d{12}):role\/(?:[\w+=,.@/-]+\/)?([\w+=,.@-]+)$/.exec(roleArn);
  if (!role) throw new ServiceError('ValidationError', `${roleArn} is invalid`);
  if (!/^[\w+=,.@-]{2,64}$/.test(sessionName)) {
    throw new ServiceError(
      'ValidationError',
      `1 validation error detected: Value '${sessionName}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`,
    );
  }
  const arn = `arn:aws:sts::${role[1]}:assumed-role/${role[2]}/${sessionName}`;
  return { arn, id: `${roleId(arn)}:${sessionName}` };
}

const GetSessionToken: Operation = (input, { engine, caller }) => ({
  Credentials: shape(temporaryKey(engine, caller.arn, duration(input, 43_200))),
});

function duration(input: Input, otherwise: number): number {
  const seconds = input.int('DurationSeconds') ?? otherwise;
  if (seconds < 900 || seconds > 129_600) {
    throw new ServiceError(
      'ValidationError',
      `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value between 900 and 129600`,
    );
  }
  return seconds;
}

const shape = (key: AccessKey) => ({
  AccessKeyId: key.accessKeyId,
  SecretAccessKey: key.secretAccessKey,
  SessionToken: key.sessionToken,
  Expiration: new Date(key.expiresAt ?? 0),
});

/** A role's unique id, always the same for the same role: AROA and 17 characters. */
function roleId(arn: string): string {
  const role = arn.slice(0, arn.lastIndexOf('/'));
  return `AROA${createHash('sha256').update(role).digest('hex').slice(0, 17).toUpperCase()}`;
}
