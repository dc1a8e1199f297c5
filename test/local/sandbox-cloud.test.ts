import { DescribeInstancesCommand, EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { expect, test } from 'vitest';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { createMetadataHost } from '../../src/localcloud/metadata/host.ts';
import { startCloud } from '../helpers/cloud.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox('an instance of the whole cloud', (sandbox) => {
  test('finds its metadata, and credentials there that the cloud accepts', async () => {
    const runtime = await sandbox.open();
    const cloud = await startCloud({ runtime });
    cloud.engine.metadata = createMetadataHost(cloud.engine);
    const userData = [
      '#!/bin/bash',
      'imds=$AWS_EC2_METADATA_SERVICE_ENDPOINT/latest',
      'token=$(curl -sS -X PUT $imds/api/token -H "X-aws-ec2-metadata-token-ttl-seconds: 60")',
      'get() { curl -sS --fail $imds/$1 -H "X-aws-ec2-metadata-token: $token"; }',
      'get meta-data/instance-id > /root/id',
      'get meta-data/iam/security-credentials/worker > /root/credentials',
      'get user-data | tail -1 > /root/last',
      '# the last line',
    ].join('\n');
    const ec2 = new EC2Client(cloud.client);
    const launched = await ec2.send(
      new RunInstancesCommand({
        ImageId: baseImageId(cloud.engine),
        InstanceType: 't3.micro',
        MinCount: 1,
        MaxCount: 1,
        IamInstanceProfile: { Name: 'worker' },
        UserData: Buffer.from(userData).toString('base64'),
      }),
    );
    const id = launched.Instances?.[0]?.InstanceId as string;
    try {
      await expect
        .poll(
          async () => {
            const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
            return Reservations?.[0]?.Instances?.[0]?.State?.Name;
          },
          { timeout: 10_000 },
        )
        .toBe('running');
      const read = async (script: string) => {
        const outcome = await runtime.run(id, { id: script, script, timeoutMs: 20_000 });
        expect(outcome.exitCode, outcome.stderr + (await runtime.consoleOutput(id))).toBe(0);
        return outcome.stdout;
      };
      await read('cloud-init status --wait');
      expect(await read('cat /root/id')).toBe(id);
      expect(await read('cat /root/last')).toBe('# the last line');
      const credentials = JSON.parse(await read('cat /root/credentials'));
      const sts = new STSClient({
        ...cloud.client,
        credentials: {
          accessKeyId: credentials.AccessKeyId,
          secretAccessKey: credentials.SecretAccessKey,
          sessionToken: credentials.Token,
        },
      });
      const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
      expect(Arn).toBe(`arn:aws:sts::000000000000:assumed-role/worker/${id}`);
    } finally {
      await runtime.destroy(id);
      await cloud.engine.metadata.close(id);
      await cloud.close();
    }
  });
});
