import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { AwsError, type CallSite, explain, failedWith } from '../../src/clouds/aws/errors.ts';
import { BakeError, Interrupted } from '../../src/run/errors.ts';

const site: CallSite = { service: 'ec2', operation: 'RunInstances', region: 'eu-central-1', local: false };
const localSite: CallSite = { ...site, endpoint: 'http://127.0.0.1:4566', local: true };

const sdkError = (name: string, message = 'x', more: object = {}): Error =>
  Object.assign(new Error(message), { name, ...more });

const told = (error: Error, at = site) => {
  const { message, hint, exitCode } = explain(error, at);
  return { message, hint, exitCode };
};

describe('what AWS refuses, in plain words', () => {
  test('no credentials: says how to give some, and that none are needed locally', () => {
    expect(
      told(sdkError('CredentialsProviderError', 'Could not load credentials from any providers')),
    ).toEqual({
      message: 'no AWS credentials found',
      hint: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "aws sso login". Without an account: add --local.',
      exitCode: 2,
    });
  });

  test.each([
    sdkError('ExpiredToken'),
    sdkError('ExpiredTokenException'),
    sdkError('CredentialsProviderError', 'The SSO session associated with this profile has expired.'),
  ])('expired credentials ($name): says to get new ones', (error) => {
    expect(told(error)).toEqual({
      message: 'the AWS credentials have expired',
      hint: 'Get new ones ("aws sso login", or assume the role again) and run the same command again: it finds what exists already.',
      exitCode: 1,
    });
  });

  test.each(['AuthFailure', 'UnrecognizedClientException', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    'refused credentials (%s): names the code and what to check',
    (code) => {
      expect(told(sdkError(code)).message).toBe(`AWS does not accept these credentials (ec2: ${code})`);
      expect(told(sdkError(code)).hint).toMatch(/session token belong together.*clock of this machine/);
      expect(told(sdkError(code), localSite).message).toBe(
        `the local cloud does not accept these credentials (ec2: ${code})`,
      );
    },
  );

  test('a missing permission: names caller, action, resource and the policy file, without the encoded message', () => {
    const message =
      'You are not authorized to perform this operation. User: arn:aws:iam::1:user/ci is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-central-1:1:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: AbCd123==';
    expect(told(sdkError('UnauthorizedOperation', message))).toEqual({
      message:
        'arn:aws:iam::1:user/ci is not allowed ec2:RunInstances on arn:aws:ec2:eu-central-1:1:instance/*',
      hint: "Allow it in the caller's policy: policies/iam/builder.json and policies/iam/deployer.json grant it.",
      exitCode: 1,
    });
  });

  test('a missing permission that the message does not spell out is named by the call', () => {
    const at = { ...site, service: 'autoscaling', operation: 'StartInstanceRefresh' };
    expect(told(sdkError('AccessDenied', 'Access denied'), at)).toMatchObject({
      message: 'the caller is not allowed autoscaling:StartInstanceRefresh',
      hint: "Allow it in the caller's policy: policies/iam/deployer.json grants it.",
    });
  });

  test('an endpoint that does not answer: the local cloud is to be started, elsewhere the network is to be looked at', () => {
    const refused = sdkError('Error', 'connect ECONNREFUSED 127.0.0.1:4566', { code: 'ECONNREFUSED' });
    expect(told(refused, localSite)).toMatchObject({
      message: 'the local cloud does not answer at http://127.0.0.1:4566 (ECONNREFUSED)',
      hint: 'Start it: bake local start',
    });
    const unknownHost = sdkError('Error', 'getaddrinfo ENOTFOUND', { code: 'ENOTFOUND' });
    expect(told(unknownHost)).toMatchObject({
      message: 'cannot reach ec2 in eu-central-1 (ENOTFOUND)',
      hint: 'Check the network, the proxy, and the region (AWS_REGION).',
    });
  });

  test('throttling that outlasted the retries says how often it was tried', () => {
    expect(told(sdkError('RequestLimitExceeded', 'x', { $metadata: { attempts: 8 } })).message).toBe(
      'ec2 still refuses RunInstances for too many requests (RequestLimitExceeded) after 8 attempts',
    );
  });

  test('anything else is operation, code and message, with the code for those who know what to do', () => {
    const error = explain(sdkError('InvalidAMIName.Duplicate', 'AMI name x is in use'), site);
    expect(error.message).toBe('RunInstances: InvalidAMIName.Duplicate: AMI name x is in use');
    expect(failedWith(error, 'InvalidAMIName.Duplicate')).toBe(true);
    expect(failedWith(new Error('x'), 'Error')).toBe(false);
  });

  test('URLs lose their credentials and their query', () => {
    const error = sdkError('Error', 'GET https://user:secret@host/path?X-Amz-Signature=abc failed');
    expect(explain(error, site).message).toBe('RunInstances: Error: GET https://host/path failed');
  });

  test('the cause for --debug keeps message and stack, and nothing of the request', () => {
    const sdk = sdkError('Boom', 'x', { $response: { headers: { authorization: 'Signature=secret' } } });
    const { cause } = explain(sdk, site);
    expect(inspect(cause)).toMatch(/^Boom: x\n\s+at /);
    expect(inspect(cause, { depth: 9, showHidden: true })).not.toContain('secret');
  });

  test('an aborted call is an interruption, and an explained error is not explained again', () => {
    expect(explain(sdkError('AbortError'), site)).toBeInstanceOf(Interrupted);
    const known = new AwsError('known', { code: 'X' });
    expect(explain(known, site)).toBe(known);
    expect(known).toBeInstanceOf(BakeError);
  });
});
