import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling';
import {
  CreateLaunchTemplateCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, test } from 'vitest';
import { execute } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { ownCloud } from '../helpers/own-cloud.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

const packer = installed('packer', 'version');
const why = packer ? '' : ' (packer is not installed: not checked)';
const template = fileURLToPath(new URL('packer/template.json', import.meta.url));
const waiting = { interval: 100, timeout: 30_000 };

describeSandbox(`HashiCorp Packer, unmodified${why}`, () => {
  const { directory, environment, client } = ownCloud('packer', '--speed', '20');

  test.skipIf(!packer)('bakes an image over SSH that boots in a group, and leaves nothing else', async () => {
    const ended = await execute('packer', ['build', '-color=false', template], {
      cwd: directory,
      // Its waiters otherwise look every 15 seconds.
      env: { ...environment, AWS_POLL_DELAY_SECONDS: '1', CHECKPOINT_DISABLE: '1', HOME: directory },
    });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    const { builds } = JSON.parse(readFileSync(join(directory, 'packer-manifest.json'), 'utf8'));
    const imageId = (builds[0].artifact_id as string).split(':')[1] as string;

    const ec2 = new EC2Client(client());
    const { Images = [] } = await ec2.send(new DescribeImagesCommand({ Owners: ['self'] }));
    expect(Images).toMatchObject([
      { ImageId: imageId, State: 'available', Tags: [{ Key: 'made-by', Value: 'packer' }] },
    ]);
    const builders = await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: 'tag:builder', Values: ['packer'] }] }),
    );
    expect(builders.Reservations?.[0]?.Instances?.[0]?.State?.Name).toBe('terminated');
    expect((await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs).toEqual([]);
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({}));
    expect(SecurityGroups.map(({ GroupName }) => GroupName)).toEqual(['default']);

    const instanceId = await bootInGroup(imageId);
    const { Command } = await new SSMClient(client()).send(
      new SendCommandCommand({
        InstanceIds: [instanceId],
        DocumentName: 'AWS-RunShellScript',
        Parameters: { commands: ['cat /etc/baked; test -s /opt/uploaded.json && echo uploaded'] },
      }),
    );
    const said = async () => {
      const invocation = { CommandId: Command?.CommandId, InstanceId: instanceId };
      return (await new SSMClient(client()).send(new GetCommandInvocationCommand(invocation)))
        .StandardOutputContent;
    };
    await expect.poll(said, waiting).toBe('baked by root\nuploaded\n');
  });

  async function bootInGroup(imageId: string): Promise<string> {
    const LaunchTemplateName = 'from-packer';
    await new EC2Client(client()).send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName,
        LaunchTemplateData: {
          ...{ ImageId: imageId, InstanceType: 't3.micro' },
          // Without a profile its agent could not be asked what is in the image.
          IamInstanceProfile: { Name: 'managed' },
        },
      }),
    );
    const scaling = new AutoScalingClient(client());
    const group = { AutoScalingGroupName: 'from-packer' };
    await scaling.send(
      new CreateAutoScalingGroupCommand({
        ...group,
        MinSize: 1,
        MaxSize: 1,
        AvailabilityZones: ['eu-central-1a'],
        LaunchTemplate: { LaunchTemplateName, Version: '1' },
      }),
    );
    const member = async () => {
      const described = await scaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: ['from-packer'] }),
      );
      return described.AutoScalingGroups?.[0]?.Instances?.[0];
    };
    await expect.poll(async () => (await member())?.LifecycleState, waiting).toBe('InService');
    return (await member())?.InstanceId as string;
  }
});
