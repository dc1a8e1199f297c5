import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trusts } from '../../../src/localcloud/engine/iam/trust.ts';
import { repository } from '../../helpers/cli.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { signedRequest } from '../../helpers/signed-request.ts';
import { type Claims, type Issuer, startIssuer } from '../../helpers/workflow/oidc.ts';

const shipped = (file: string) => readFileSync(join(repository, 'policies', file), 'utf8');

/** A shipped trust policy with its placeholders filled in, for an issuer of the test's. */
const filled = (file: string, issuer: string): string =>
  shipped(file)
    .replaceAll('ACCOUNT', '000000000000')
    .replaceAll('OWNER/REPOSITORY', 'acme/shop')
    .replaceAll('ENVIRONMENT', 'production')
    .replaceAll('token.actions.githubusercontent.com', new URL(issuer).host);

describe('a role by the token of a job of GitHub Actions', () => {
  let cloud: TestCloud;
  let issuer: Issuer;
  let stranger: Issuer;
  let sts: STSClient;

  const iam = async (Action: string, values: Record<string, string>) => {
    const body = new URLSearchParams({ Action, Version: '2010-05-08', ...values }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await signedRequest(cloud, { service: 'iam', headers, body });
    expect(answer.status, answer.body).toBe(200);
    return answer.body;
  };

  beforeAll(async () => {
    cloud = await startCloud();
    [issuer, stranger] = await Promise.all([startIssuer(), startIssuer()]);
    // Without keys: what asks for a role by a token has none yet.
    sts = new STSClient({ endpoint: cloud.endpoint, region: cloud.region, maxAttempts: 1 });
    await iam('CreateOpenIDConnectProvider', {
      Url: issuer.url,
      'ClientIDList.member.1': 'sts.amazonaws.com',
    });
    for (const [RoleName, file] of [
      ['deployer', 'iam/github-oidc-trust.json'],
      ['builder', 'iam/github-oidc-trust-build.json'],
    ] as const)
      await iam('CreateRole', { RoleName, AssumeRolePolicyDocument: filled(file, issuer.url) });
  });
  afterAll(async () => {
    sts.destroy();
    issuer.close();
    stranger.close();
    await cloud.close();
  });

  const tokenOf = async (claims: Claims, from = issuer, audience = 'sts.amazonaws.com') => {
    const { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer } =
      from.environmentFor(claims);
    const headers = { authorization: `Bearer ${bearer}` };
    const answer = await fetch(`${url}&audience=${audience}`, { headers });
    return ((await answer.json()) as { value: string }).value;
  };
  const assume = (role: string, WebIdentityToken: string) =>
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: `arn:aws:iam::000000000000:role/${role}`,
        RoleSessionName: 'bake-1',
        WebIdentityToken,
      }),
    );
  const PRODUCTION = { sub: 'repo:acme/shop:environment:production' };

  it('is given to the environment that the shipped trust policy names, with keys that sign', async () => {
    const { Credentials, ...answer } = await assume('deployer', await tokenOf(PRODUCTION));
    expect(answer).toMatchObject({
      SubjectFromWebIdentityToken: PRODUCTION.sub,
      Audience: 'sts.amazonaws.com',
      Provider: `arn:aws:iam::000000000000:oidc-provider/${new URL(issuer.url).host}`,
    });
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken } = Credentials!;
    const credentials = {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
    };
    const client = new STSClient({ ...cloud.client, credentials });
    const { Arn } = await client.send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe('arn:aws:sts::000000000000:assumed-role/deployer/bake-1');
    client.destroy();
  });

  it.each(['refs/heads/main', 'refs/heads/deployment/production'])(
    'for baking is given to %s',
    async (ref) => {
      const token = await tokenOf({ sub: `repo:acme/shop:ref:${ref}` });
      expect((await assume('builder', token)).Credentials?.AccessKeyId).toMatch(/^ASIA/);
    },
  );

  it.each([
    ['another environment', 'deployer', 'repo:acme/shop:environment:staging'],
    ['another repository', 'deployer', 'repo:acme/other:environment:production'],
    ['a branch', 'deployer', 'repo:acme/shop:ref:refs/heads/main'],
    ['a branch that is not baked', 'builder', 'repo:acme/shop:ref:refs/heads/feature'],
    ['a pull request', 'builder', 'repo:acme/shop:pull_request'],
  ])('is not given to %s', async (_, role, sub) => {
    await expect(assume(role, await tokenOf({ sub }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    });
  });

  it('is not given for a token of another issuer, for another audience, changed, or expired', async () => {
    const wrong = [
      [
        await tokenOf(PRODUCTION, stranger),
        'InvalidIdentityTokenException',
        /No OpenIDConnect provider found/,
      ],
      [
        await tokenOf({ ...PRODUCTION, iss: issuer.url }, stranger),
        'InvalidIdentityTokenException',
        /not signed by a key/,
      ],
      [
        await tokenOf(PRODUCTION, issuer, 'elsewhere'),
        'InvalidIdentityTokenException',
        /Incorrect token audience/,
      ],
      [await tokenOf({ ...PRODUCTION, exp: '1000' }), 'ExpiredTokenException', /expired/],
      ['nonsense', 'InvalidIdentityTokenException', /not a valid JWT/],
    ] as const;
    for (const [token, name, message] of wrong)
      await expect(assume('deployer', token)).rejects.toMatchObject({
        name,
        message: expect.stringMatching(message),
      });
  });

  it('needs a provider that is known, whose record can be read and removed', async () => {
    const url = 'https://elsewhere.example/issuer/';
    const made = await iam('CreateOpenIDConnectProvider', { Url: url, 'ClientIDList.member.1': 'me' });
    const OpenIDConnectProviderArn = /arn:[^<]+/.exec(made)?.[0] ?? '';
    expect(OpenIDConnectProviderArn).toBe('arn:aws:iam::000000000000:oidc-provider/elsewhere.example/issuer');
    expect(await iam('ListOpenIDConnectProviders', {})).toContain(OpenIDConnectProviderArn);
    const read = await iam('GetOpenIDConnectProvider', { OpenIDConnectProviderArn });
    expect(read).toMatch(/<Url>elsewhere.example\/issuer<\/Url>.*<member>me<\/member>/);
    await iam('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn });
    expect(await iam('ListOpenIDConnectProviders', {})).not.toContain(OpenIDConnectProviderArn);
  });

  it('is the only thing that needs no signature', async () => {
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const answer = await fetch(cloud.endpoint, { method: 'POST', body });
    expect([answer.status, await answer.text()]).toEqual([
      403,
      expect.stringContaining('MissingAuthenticationToken'),
    ]);
  });
});

it("the shipped trust policy for Alibaba Cloud lets in one environment's jobs", () => {
  const document = shipped('ram/github-oidc-trust.json')
    .replaceAll('ACCOUNT', '1')
    .replaceAll('PROVIDER', 'GitHub')
    .replaceAll('OWNER/REPOSITORY', 'acme/shop')
    .replaceAll('ENVIRONMENT', 'production');
  const lets = (environment: string, issuer = 'https://token.actions.githubusercontent.com') =>
    trusts(document, 'sts:AssumeRole', 'acs:ram::1:oidc-provider/GitHub', {
      'oidc:iss': issuer,
      'oidc:aud': 'sts.aliyuncs.com',
      'oidc:sub': `repo:acme/shop:environment:${environment}`,
    });
  expect([lets('production'), lets('staging'), lets('production', 'https://elsewhere')]).toEqual([
    true,
    false,
    false,
  ]);
});
