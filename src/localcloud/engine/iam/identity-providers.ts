import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { alreadyExists, type IdentityProviderRecord, identityProviders } from './records.ts';

/** What ARNs and condition keys call a provider: its URL without the scheme. */
export const nameOfProvider = (url: string): string => url.replace(/^https?:\/\//, '');

/**
 * Makes an issuer of tokens known. Its URL begins with https; on loopback, where nothing can listen in, also with http.
 * @throws EntityAlreadyExists, InvalidInput
 */
export function createIdentityProvider(
  engine: Engine,
  given: Pick<IdentityProviderRecord, 'url' | 'clients' | 'thumbprints'>,
): IdentityProviderRecord {
  const url = given.url.replace(/\/$/, '');
  if (!/^https:\/\/.|^http:\/\/(127\.0\.0\.1|localhost)(:|$)/.test(url))
    throw new ServiceError('InvalidInput', 'Invalid Open ID Connect Provider URL');
  const name = nameOfProvider(url);
  const arn = `arn:aws:iam::${engine.account}:oidc-provider/${name}`;
  if (identityProviders(engine).has(arn)) throw alreadyExists('Provider', given.url);
  return identityProviders(engine).put(arn, { ...given, arn, url, createdAt: engine.clock.now() });
}

/** @throws NoSuchEntity */
export function findIdentityProvider(engine: Engine, arn: string): IdentityProviderRecord {
  const found = identityProviders(engine).get(arn);
  if (!found) throw new ServiceError('NoSuchEntity', `OpenIDConnect Provider not found for arn ${arn}`, 404);
  return found;
}
