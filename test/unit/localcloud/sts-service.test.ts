import {
  AssumeRoleCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { rootKey } from '../../../src/localcloud/engine/credentials.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

describe('STS', () => {
  let clock: VirtualClock;
  let cloud: TestCloud;
  let sts: STSClient;

  beforeEach(async () => {
    clock = new VirtualClock();
    cloud = await startCloud({ clock });
    sts = new STSClient(cloud.client);
  });
  afterEach(async () => {
    sts.destroy();
    await cloud.close();
  });

  const assume = (DurationSeconds?: number) =>
    sts.send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::000000000000:role/ci/deploy',
        RoleSessionName: 'run-1',
        DurationSeconds,
      }),
    );
  const whoIs = (keys: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } = {}) =>
    new STSClient({
      ...cloud.client,
      credentials: {
        accessKeyId: keys.AccessKeyId ?? '',
        secretAccessKey: keys.SecretAccessKey ?? '',
        sessionToken: keys.SessionToken,
      },
    }).send(new GetCallerIdentityCommand({}));

  it('the account key is the root of the account', async () => {
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '000000000000',
      Arn: 'arn:aws:iam::000000000000:root',
      UserId: '000000000000',
    });
  });

  it('an assumed role has keys of its own that say who they are, until they expire', async () => {
    const { Credentials, AssumedRoleUser } = await assume(900);
    const Arn = 'arn:aws:sts::000000000000:assumed-role/deploy/run-1';
    expect(AssumedRoleUser).toMatchObject({ Arn, AssumedRoleId: expect.stringMatching(/^AROA.*:run-1$/) });
    expect(Credentials?.Expiration).toEqual(new Date(clock.now() + 900_000));
    expect(await whoIs(Credentials)).toMatchObject({ Arn, UserId: AssumedRoleUser?.AssumedRoleId });
    await expect(whoIs({ ...Credentials, SessionToken: undefined })).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    clock.advance(900_000);
    await expect(whoIs(Credentials)).rejects.toMatchObject({ name: 'ExpiredToken' });
  });

  it('a session of the root is the root, and does not become the account key', async () => {
    const { Credentials } = await sts.send(new GetSessionTokenCommand({}));
    expect(await whoIs(Credentials)).toMatchObject({ Arn: 'arn:aws:iam::000000000000:root' });
    expect(rootKey(cloud.engine).accessKeyId).toBe(cloud.credentials.accessKeyId);
  });

  it.each([
    [{ RoleArn: 'deploy', RoleSessionName: 'run-1' }],
    [{ RoleArn: 'arn:aws:iam::000000000000:role/deploy', RoleSessionName: 'a b' }],
    [{ RoleArn: 'arn:aws:iam::000000000000:role/deploy', RoleSessionName: 'ab', DurationSeconds: 1 }],
  ])('what cannot be assumed is refused (%#)', async (input) => {
    await expect(sts.send(new AssumeRoleCommand(input))).rejects.toMatchObject({ name: 'ValidationError' });
  });
});
