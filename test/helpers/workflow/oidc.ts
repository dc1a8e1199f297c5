import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Who a job is: claims of its token. */
export type Claims = Record<string, string>;

/** The issuer of the tokens that jobs prove themselves with (on GitHub: https://token.actions.githubusercontent.com). */
export interface Issuer {
  url: string;
  /** What a job with `id-token: write` finds in its environment. */
  environmentFor(claims: Claims): Record<string, string>;
  close(): void;
}

/** Starts one on loopback: it gives tokens to jobs, and its public key to who checks them. */
export async function startIssuer(): Promise<Issuer> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const jobs = new Map<string, Claims>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', address());
    const claims = jobs.get(request.headers.authorization?.replace(/^bearer /i, '') ?? '');
    const answer =
      url.pathname === '/.well-known/openid-configuration'
        ? { issuer: address(), jwks_uri: `${address()}/.well-known/jwks` }
        : url.pathname === '/.well-known/jwks'
          ? { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' }] }
          : url.pathname === '/token' && claims
            ? { value: token({ ...claims, aud: url.searchParams.get('audience') ?? address() }) }
            : undefined;
    response.writeHead(answer ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'unauthorized' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const token = (claims: Claims) => {
    const now = Math.floor(Date.now() / 1_000);
    const times = { iat: now, nbf: now - 5, exp: now + 300 };
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const header = encode({ alg: 'RS256', kid: 'one', typ: 'JWT' });
    const signed = `${header}.${encode({ iss: address(), jti: randomUUID(), ...times, ...claims })}`;
    return `${signed}.${sign('RSA-SHA256', Buffer.from(signed), privateKey).toString('base64url')}`;
  };

  return {
    url: address(),
    environmentFor(claims) {
      const bearer = randomUUID();
      jobs.set(bearer, claims);
      return {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${address()}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
      };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
