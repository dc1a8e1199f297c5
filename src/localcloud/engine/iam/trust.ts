import { readTrustPolicy } from './documents.ts';
import { evaluate } from './evaluate.ts';
import { type Context, inLowerCase } from './patterns.ts';

/**
 * Whether a role's trust policy lets in who comes with a token of an identity provider. `context`: what the token says, by condition keys.
 * Sources: IAM "Creating a role for web identity or OpenID Connect Federation"; RAM "Overview of OIDC-based SSO".
 * @throws MalformedPolicyDocument
 */
export function trusts(document: string, action: string, provider: string, context: Context): boolean {
  const about = readTrustPolicy(document).filter(({ federated }) => federated.includes(provider));
  const request = { action, resource: '*', context: inLowerCase(context) };
  return (
    evaluate(
      about.map(({ statement }) => statement),
      request,
    ) === 'allowed'
  );
}
