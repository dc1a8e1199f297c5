import { expect, test } from 'vitest';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import { call, ec2, launch, refusal, stateOf } from '../../helpers/ec2.ts';

async function templated() {
  const cloud = ec2();
  const { engine } = cloud;
  const { launchTemplate } = await call(engine, 'CreateLaunchTemplate', {
    LaunchTemplateName: 'workers',
    'LaunchTemplateData.ImageId': cloud.base,
    'LaunchTemplateData.InstanceType': 't3.micro',
  });
  const config = 'LaunchTemplateConfigs.1';
  const fleet = (total: number, parameters: Record<string, string | number> = {}) =>
    call(engine, 'CreateFleet', {
      Type: 'instant',
      [`${config}.LaunchTemplateSpecification.LaunchTemplateName`]: 'workers',
      [`${config}.LaunchTemplateSpecification.Version`]: '$Latest',
      'TargetCapacitySpecification.TotalTargetCapacity': total,
      ...parameters,
    });
  const full = (type: string, available = 0) => {
    for (const zone of ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'])
      capacity(engine).put(`${type}/${zone}`, { type, zone, available });
  };
  return { ...cloud, templateId: launchTemplate.launchTemplateId as string, config, fleet, full };
}

test('an instant fleet launches at once, by type and zone of its overrides, and is found by its id', async () => {
  const { engine, config, fleet, templateId } = await templated();
  const made = await fleet(2, {
    'TargetCapacitySpecification.DefaultTargetCapacityType': 'spot',
    [`${config}.Overrides.1.InstanceType`]: 'm5.large',
    [`${config}.Overrides.1.AvailabilityZone`]: 'eu-central-1b',
    'TagSpecification.1.ResourceType': 'instance',
    'TagSpecification.1.Tag.1.Key': 'Name',
    'TagSpecification.1.Tag.1.Value': 'builder',
  });
  expect(made).toMatchObject({
    errorSet: [],
    fleetInstanceSet: [
      {
        lifecycle: 'spot',
        instanceType: 'm5.large',
        launchTemplateAndOverrides: {
          launchTemplateSpecification: { launchTemplateId: templateId, version: '1' },
          overrides: { instanceType: 'm5.large', availabilityZone: 'eu-central-1b' },
        },
      },
    ],
  });
  const [first] = made.fleetInstanceSet[0].instanceIds;
  const { reservationSet } = await call(engine, 'DescribeInstances', { 'InstanceId.1': first });
  expect(reservationSet[0].instancesSet[0]).toMatchObject({
    instanceLifecycle: 'spot',
    placement: { availabilityZone: 'eu-central-1b' },
    tagSet: expect.arrayContaining([
      { key: 'Name', value: 'builder' },
      { key: 'aws:ec2:fleet-id', value: made.fleetId },
    ]),
  });
  const { fleetSet } = await call(engine, 'DescribeFleets', { 'FleetId.1': made.fleetId });
  expect(fleetSet).toMatchObject([
    { fleetState: 'active', targetCapacitySpecification: { spotTargetCapacity: 2 } },
  ]);
  expect((await call(engine, 'DescribeFleets')).fleetSet).toEqual([]);
});

test('where one type has no capacity the next has its turn, and the error is told', async () => {
  const { config, fleet, full } = await templated();
  full('m5.large', 0);
  full('c5.large', 1);
  const made = await fleet(3, {
    'OnDemandOptions.AllocationStrategy': 'prioritized',
    [`${config}.Overrides.1.InstanceType`]: 'r5.large',
    [`${config}.Overrides.1.Priority`]: 3,
    [`${config}.Overrides.2.InstanceType`]: 'm5.large',
    [`${config}.Overrides.2.Priority`]: 1,
    [`${config}.Overrides.3.InstanceType`]: 'c5.large',
    [`${config}.Overrides.3.Priority`]: 2,
  });
  expect(made.errorSet).toMatchObject([
    { errorCode: 'InsufficientInstanceCapacity', lifecycle: 'on-demand' },
  ]);
  const counts = made.fleetInstanceSet.map(
    (i: { instanceType: string; instanceIds: string[] }) => `${i.instanceIds.length} ${i.instanceType}`,
  );
  expect(counts).toEqual(['1 c5.large', '2 r5.large']);
});

test('types are found by what they have to have, weights count, and too few are none', async () => {
  const { engine, config, fleet, full } = await templated();
  const made = await fleet(4, {
    [`${config}.Overrides.1.InstanceRequirements.VCpuCount.Min`]: 4,
    [`${config}.Overrides.1.InstanceRequirements.VCpuCount.Max`]: 4,
    [`${config}.Overrides.1.InstanceRequirements.MemoryMiB.Min`]: 32_768,
    [`${config}.Overrides.1.InstanceRequirements.AllowedInstanceType.1`]: 'r5*',
    [`${config}.Overrides.1.WeightedCapacity`]: 2,
  });
  expect(made.fleetInstanceSet).toMatchObject([
    { instanceType: 'r5.xlarge', instanceIds: [{}, {}].map(() => expect.any(String)) },
  ]);
  full('t3.micro', 1);
  const few = await fleet(5, { 'OnDemandOptions.MinTargetCapacity': 2 });
  expect(few.fleetInstanceSet).toEqual([]);
  const { reservationSet } = await call(engine, 'DescribeInstances', {
    'Filter.1.Name': 'instance-type',
    'Filter.1.Value.1': 't3.micro',
    'Filter.2.Name': 'instance-state-name',
    'Filter.2.Value.1': 'running',
  });
  expect(reservationSet).toEqual([]);
});

test('a fleet goes with its instances, and says of unknown ones that they are', async () => {
  const { engine, clock, fleet } = await templated();
  const made = await fleet(1);
  clock.advance(100);
  const unknown = 'fleet-00000000-0000-4000-a000-000000000000';
  const gone = await call(engine, 'DeleteFleets', {
    'FleetId.1': made.fleetId,
    'FleetId.2': unknown,
    TerminateInstances: 'true',
  });
  expect(gone).toMatchObject({
    successfulFleetDeletionSet: [{ fleetId: made.fleetId, previousFleetState: 'active' }],
    unsuccessfulFleetDeletionSet: [{ fleetId: unknown, error: { code: 'fleetIdDoesNotExist' } }],
  });
  clock.advance(1_000);
  expect(await stateOf(engine, made.fleetInstanceSet[0].instanceIds[0])).toBe('terminated');
});

test('the same client token makes one fleet; other types than instant are refused', async () => {
  const { engine, fleet } = await templated();
  expect((await fleet(1, { ClientToken: 'x' })).fleetId).toBe((await fleet(1, { ClientToken: 'x' })).fleetId);
  expect(await refusal(engine, 'CreateFleet', { Type: 'maintain' })).toBe('UnsupportedOperation');
  expect(await refusal(engine, 'CreateFleet', { Type: 'instant' })).toBe('MissingParameter');
  await expect(fleet(1, { 'TargetCapacitySpecification.SpotTargetCapacity': 3 })).rejects.toMatchObject({
    code: 'InvalidTargetCapacitySpecification',
  });
});

test("an instance's template data makes instances like it", async () => {
  const cloud = ec2();
  const id = await launch(cloud, { UserData: btoa('hello'), 'IamInstanceProfile.Name': 'worker' });
  const { launchTemplateData } = await call(cloud.engine, 'GetLaunchTemplateData', { InstanceId: id });
  expect(launchTemplateData).toMatchObject({
    imageId: cloud.base,
    instanceType: 't3.micro',
    userData: btoa('hello'),
    iamInstanceProfile: { name: 'worker' },
    placement: { availabilityZone: 'eu-central-1a' },
    metadataOptions: { httpTokens: 'required' },
  });
});
