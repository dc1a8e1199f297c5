import { describe, expect, test } from 'vitest';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import {
  findInstance,
  instances,
  runInstances,
  terminateInstances,
} from '../../../src/localcloud/engine/ec2/instances.ts';
import { addTags } from '../../../src/localcloud/engine/ec2/tags.ts';
import { call, ec2, launch, refusal, stateOf } from '../../helpers/ec2.ts';

describe('an instance', () => {
  test('is pending at first and runs after its latency', async () => {
    const cloud = ec2();
    const id = await launch(cloud);
    expect(await stateOf(cloud.engine, id)).toBe('pending');
    cloud.clock.advance(49);
    expect(await stateOf(cloud.engine, id)).toBe('pending');
    cloud.clock.advance(1);
    expect(await stateOf(cloud.engine, id)).toBe('running');
  });

  test('is terminated in two steps, stays visible for an hour and is then unknown', async () => {
    const cloud = ec2();
    const id = await launch(cloud);
    cloud.clock.advance(100);
    const answer = await call(cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
    expect(answer.instancesSet[0]).toMatchObject({
      currentState: { code: 32, name: 'shutting-down' },
      previousState: { code: 16, name: 'running' },
    });
    cloud.clock.advance(100);
    expect(await stateOf(cloud.engine, id)).toBe('terminated');
    expect(findInstance(cloud.engine, id).stateReason?.code).toBe('Client.UserInitiatedShutdown');
    cloud.clock.advance(3_600_000);
    expect(await refusal(cloud.engine, 'DescribeInstances', { 'InstanceId.1': id })).toBe(
      'InvalidInstanceID.NotFound',
    );
  });

  test('stops, starts again with a new launch time, and reboots', async () => {
    const cloud = ec2();
    const id = await launch(cloud);
    cloud.clock.advance(100);
    const first = findInstance(cloud.engine, id).launchedAt;
    await call(cloud.engine, 'StopInstances', { 'InstanceId.1': id });
    expect(await refusal(cloud.engine, 'StartInstances', { 'InstanceId.1': id })).toBe(
      'IncorrectInstanceState',
    );
    cloud.clock.advance(100);
    expect(await stateOf(cloud.engine, id)).toBe('stopped');
    expect(await refusal(cloud.engine, 'RebootInstances', { 'InstanceId.1': id })).toBe(
      'IncorrectInstanceState',
    );
    await call(cloud.engine, 'StartInstances', { 'InstanceId.1': id });
    cloud.clock.advance(100);
    expect(await stateOf(cloud.engine, id)).toBe('running');
    expect(findInstance(cloud.engine, id).launchedAt).toBeGreaterThan(first);
    await call(cloud.engine, 'RebootInstances', { 'InstanceId.1': id });
    expect(await stateOf(cloud.engine, id)).toBe('running');
  });

  test('with termination protection is terminated by nobody but the engine itself', async () => {
    const cloud = ec2();
    const id = await launch(cloud, { DisableApiTermination: 'true' });
    expect(await refusal(cloud.engine, 'TerminateInstances', { 'InstanceId.1': id })).toBe(
      'OperationNotPermitted',
    );
    terminateInstances(cloud.engine, [id], 'scaled in');
    expect(findInstance(cloud.engine, id).state).toBe('shutting-down');
  });

  test('gives back attributes and takes new ones', async () => {
    const cloud = ec2();
    const id = await launch(cloud, { UserData: btoa('#!/bin/sh') });
    const read = (Attribute: string) =>
      call(cloud.engine, 'DescribeInstanceAttribute', { InstanceId: id, Attribute });
    expect((await read('userData')).userData.value).toBe(btoa('#!/bin/sh'));
    await call(cloud.engine, 'ModifyInstanceAttribute', {
      InstanceId: id,
      'InstanceInitiatedShutdownBehavior.Value': 'terminate',
    });
    await call(cloud.engine, 'ModifyInstanceAttribute', {
      InstanceId: id,
      Attribute: 'disableApiTermination',
      Value: 'true',
    });
    expect((await read('instanceInitiatedShutdownBehavior')).instanceInitiatedShutdownBehavior.value).toBe(
      'terminate',
    );
    expect((await read('disableApiTermination')).disableApiTermination.value).toBe(true);
    expect(
      await refusal(cloud.engine, 'ModifyInstanceAttribute', { InstanceId: id, 'UserData.Value': '' }),
    ).toBe('InvalidParameterCombination');
    expect(
      await refusal(cloud.engine, 'ModifyInstanceAttribute', { InstanceId: id, 'UserData.Value': btoa('x') }),
    ).toBe('IncorrectInstanceState');
  });
});

describe('a launch', () => {
  test('with the same client token twice makes one instance', async () => {
    const cloud = ec2();
    const first = await launch(cloud, { ClientToken: 'once' });
    expect(await launch(cloud, { ClientToken: 'once' })).toBe(first);
    expect(instances(cloud.engine).size).toBe(1);
    const other = {
      ImageId: cloud.base,
      InstanceType: 't3.small',
      MinCount: 1,
      MaxCount: 1,
      ClientToken: 'once',
    };
    expect(await refusal(cloud.engine, 'RunInstances', other)).toBe('IdempotentParameterMismatch');
  });

  test('with a token whose instance is gone says so', async () => {
    const cloud = ec2();
    const id = await launch(cloud, { ClientToken: 'once' });
    await call(cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
    cloud.clock.advance(1_000);
    const again = {
      ImageId: cloud.base,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      ClientToken: 'once',
    };
    expect(await refusal(cloud.engine, 'RunInstances', again)).toBe('IdempotentInstanceTerminated');
  });

  test('with DryRun makes nothing and says that it would have', async () => {
    const cloud = ec2();
    await expect(launch(cloud, { DryRun: 'true' })).rejects.toMatchObject({
      code: 'DryRunOperation',
      status: 412,
    });
    expect(instances(cloud.engine).size).toBe(0);
  });

  test.each([
    [{ ImageId: 'ami-0123456789abcdef0' }, 'InvalidAMIID.NotFound'],
    [{ ImageId: 'ubuntu' }, 'InvalidAMIID.Malformed'],
    [{ ImageId: '' }, 'MissingParameter'],
    [{ InstanceType: 'x9.huge' }, 'InvalidParameterValue'],
    [{ SubnetId: 'subnet-0123456789abcdef0' }, 'InvalidSubnetID.NotFound'],
    [{ 'SecurityGroupId.1': 'sg-0123456789abcdef0' }, 'InvalidGroup.NotFound'],
    [{ 'SecurityGroup.1': 'nobody' }, 'InvalidGroup.NotFound'],
    [{ KeyName: 'nobody' }, 'InvalidKeyPair.NotFound'],
    [{ 'Placement.AvailabilityZone': 'mars-1a' }, 'InvalidParameterValue'],
    [{ UserData: 'not base64!' }, 'InvalidParameterValue'],
    [{ UserData: btoa('x'.repeat(16_385)) }, 'InvalidParameterValue'],
    [{ MinCount: 2 }, 'InvalidParameterValue'],
    [{ MinCount: 'many' }, 'InvalidParameterValue'],
    [{ MaxCount: 5_000 }, 'InstanceLimitExceeded'],
    [
      { 'TagSpecification.1.ResourceType': 'instance', 'TagSpecification.1.Tag.1.Key': 'aws:x' },
      'InvalidParameterValue',
    ],
    [{ 'TagSpecification.1.ResourceType': 'planet' }, 'InvalidParameterValue'],
    [{ 'MetadataOptions.HttpTokens': 'maybe' }, 'InvalidParameterValue'],
    [{ 'LaunchTemplate.LaunchTemplateName': 'nobody' }, 'InvalidLaunchTemplateName.NotFoundException'],
  ])(
    'of %o is refused with %s and makes nothing',
    async (parameters: Record<string, string | number>, code) => {
      const cloud = ec2();
      const good = { ImageId: cloud.base, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1 };
      expect(await refusal(cloud.engine, 'RunInstances', { ...good, ...parameters })).toBe(code);
      expect(instances(cloud.engine).size).toBe(0);
    },
  );

  test('tolerates the empty parameters that Packer sends', async () => {
    const cloud = ec2();
    await launch(cloud, {
      'IamInstanceProfile.Name': '',
      SubnetId: '',
      'Placement.AvailabilityZone': '',
      KeyName: '',
    });
    expect(instances(cloud.engine).size).toBe(1);
  });

  test('gets as many as there is capacity for between its minimum and its maximum', async () => {
    const cloud = ec2();
    const zone = 'eu-central-1a';
    capacity(cloud.engine).put(`t3.micro/${zone}`, { type: 't3.micro', zone, available: 3 });
    const some = { ImageId: cloud.base, InstanceType: 't3.micro', 'Placement.AvailabilityZone': zone };
    const answer = await call(cloud.engine, 'RunInstances', { ...some, MinCount: 2, MaxCount: 5 });
    expect(answer.instancesSet).toHaveLength(3);
    expect(await refusal(cloud.engine, 'RunInstances', { ...some, MinCount: 1, MaxCount: 1 })).toBe(
      'InsufficientInstanceCapacity',
    );
    const id = await launch(cloud);
    expect(findInstance(cloud.engine, id).zone).toBe('eu-central-1b');
  });

  test('lays tags on instance and volume, one root volume per instance, deleted with it', async () => {
    const cloud = ec2();
    const id = await launch(cloud, {
      'TagSpecification.1.ResourceType': 'volume',
      'TagSpecification.1.Tag.1.Key': 'Name',
      'TagSpecification.1.Tag.1.Value': 'disk',
      'BlockDeviceMapping.1.DeviceName': '/dev/xvda',
      'BlockDeviceMapping.1.Ebs.VolumeSize': 20,
      'BlockDeviceMapping.1.Ebs.Encrypted': 'true',
    });
    const filter = { 'Filter.1.Name': 'attachment.instance-id', 'Filter.1.Value.1': id };
    const { volumeSet } = await call(cloud.engine, 'DescribeVolumes', filter);
    expect(volumeSet).toMatchObject([
      {
        size: 20,
        encrypted: true,
        volumeType: 'gp3',
        status: 'in-use',
        tagSet: [{ key: 'Name', value: 'disk' }],
      },
    ]);
    await call(cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
    cloud.clock.advance(1_000);
    expect((await call(cloud.engine, 'DescribeVolumes')).volumeSet).toEqual([]);
  });

  test('by the engine carries the tags that users may not set', () => {
    const { engine, base } = ec2();
    const spec = { imageId: base, instanceType: 't3.micro', launchTemplate: { id: 'lt-1', version: 7 } };
    const [one] = runInstances(engine, spec, 1);
    addTags(engine, [one!.instanceId], { 'aws:autoscaling:groupName': 'g' });
    expect(findInstance(engine, one!.instanceId).tags).toEqual({
      'aws:ec2launchtemplate:id': 'lt-1',
      'aws:ec2launchtemplate:version': '7',
      'aws:autoscaling:groupName': 'g',
    });
  });
});

test('status checks are ok once an instance runs, and others are shown only when asked', async () => {
  const cloud = ec2();
  const id = await launch(cloud);
  expect((await call(cloud.engine, 'DescribeInstanceStatus')).instanceStatusSet).toEqual([]);
  const all = await call(cloud.engine, 'DescribeInstanceStatus', { IncludeAllInstances: 'true' });
  expect(all.instanceStatusSet[0].instanceStatus.status).toBe('not-applicable');
  cloud.clock.advance(100);
  const { instanceStatusSet } = await call(cloud.engine, 'DescribeInstanceStatus', { 'InstanceId.1': id });
  expect(instanceStatusSet[0]).toMatchObject({
    instanceStatus: { status: 'ok' },
    systemStatus: { status: 'ok' },
  });
});
