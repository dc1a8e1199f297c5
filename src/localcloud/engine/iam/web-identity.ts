import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { nameOfProvider } from './identity-providers.ts';
import { identityProviders, principals } from './records.ts';
import { trusts } from './trust.ts';

interface Claims {
  iss?: unknown;
  aud?: unknown;
  sub?: unknown;
  exp?: unknown;
}

const invalid = (why: string) => new ServiceError('InvalidIdentityToken', why, 400);

/** How long the issuer has to give its keys. Milliseconds. */
const ISSUER_TIMEOUT = 5_000;

/**
 * Who comes with a token, if the role's trust policy lets them in: the issuer is a provider that is known here, the token is for an audience
 * of it, is signed with a key that the issuer publishes, and has not expired.
 * Source: STS API reference, AssumeRoleWithWebIdentity. @throws InvalidIdentityToken, ExpiredTokenException, AccessDenied
 */
export async function identityByToken(
  engine: Engine,
  roleArn: string,
  token: string,
): Promise<{ provider: string; audience: string; subject: string }> {
  const [head = '', body = '', signature = ''] = token.split('.');
  const { kid } = decode<{ kid?: string }>(head);
  const { iss, aud, sub, exp } = decode<Claims>(body);
  const provider = identityProviders(engine).filter(({ url }) => url === String(iss).replace(/\/$/, ''))[0];
  if (!provider) throw invalid(`No OpenIDConnect provider found in your account for ${iss}`);
  const audience = [aud]
    .flat()
    .map(String)
    .find((one) => provider.clients.includes(one));
  if (audience === undefined) throw invalid('Incorrect token audience');
  const key = await keyOf(provider.url, kid);
  const signed = Buffer.from(`${head}.${body}`);
  if (!verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url')))
    throw invalid('The ID Token provided is not signed by a key of its issuer');
  if (!(Number(exp) * 1_000 > engine.clock.now()))
    throw new ServiceError('ExpiredTokenException', `Token expired: ${exp}`, 400);
  const name = nameOfProvider(provider.url);
  const subject = String(sub);
  const context = { [`${name}:aud`]: audience, [`${name}:sub`]: subject };
  const trust = principals(engine).filter(({ kind, arn }) => kind === 'role' && arn === roleArn)[0]?.trust;
  if (!trust || !trusts(trust, 'sts:AssumeRoleWithWebIdentity', provider.arn, context))
    throw new ServiceError('AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity', 403);
  return { provider: provider.arn, audience, subject };
}

function decode<T>(part: string): T {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as T;
  } catch {
    throw invalid('The ID Token provided is not a valid JWT');
  }
}

/** The issuer's public key, as it publishes it. */
async function keyOf(url: string, kid: string | undefined) {
  const ask = async <T>(address: string): Promise<T> => {
    const answer = await fetch(address, { signal: AbortSignal.timeout(ISSUER_TIMEOUT) });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    return (await answer.json()) as T;
  };
  try {
    const { jwks_uri } = await ask<{ jwks_uri: string }>(`${url}/.well-known/openid-configuration`);
    const { keys } = await ask<{ keys: JsonWebKey[] }>(jwks_uri);
    const key = keys.find((one) => one.kid === kid);
    if (!key) throw new Error(`no key ${kid}`);
    return createPublicKey({ key, format: 'jwk' });
  } catch (error) {
    throw invalid(
      `Couldn't retrieve verification key from your identity provider: ${(error as Error).message}`,
    );
  }
}
