import { expect, test } from 'vitest';
import { capacity } from '../../../src/localcloud/engine/ec2/capacity.ts';
import { reclaimSpot } from '../../../src/localcloud/engine/ec2/spot-machine.ts';
import { metadataTree } from '../../../src/localcloud/metadata/tree.ts';
import { call, type Ec2, ec2, launch, refusal, stateOf } from '../../helpers/ec2.ts';

const SPOT = { 'InstanceMarketOptions.MarketType': 'spot' };
const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'];

const request = async ({ engine, base }: Ec2, parameters: Record<string, string | number> = {}) => {
  const { spotInstanceRequestSet } = await call(engine, 'RequestSpotInstances', {
    'LaunchSpecification.ImageId': base,
    'LaunchSpecification.InstanceType': 't3.micro',
    ...parameters,
  });
  return spotInstanceRequestSet[0].spotInstanceRequestId as string;
};

const described = async ({ engine }: Ec2, id: string) =>
  (await call(engine, 'DescribeSpotInstanceRequests', { 'SpotInstanceRequestId.1': id }))
    .spotInstanceRequestSet[0];

function exhaust({ engine }: Ec2) {
  for (const zone of ZONES)
    capacity(engine).put(`t3.micro/${zone}`, { type: 't3.micro', zone, available: 0 });
}

test('a spot instance is one like others, with a request of its own', async () => {
  const cloud = ec2();
  const id = await launch(cloud, {
    ...SPOT,
    'TagSpecification.1.ResourceType': 'spot-instances-request',
    'TagSpecification.1.Tag.1.Key': 'run',
  });
  const { reservationSet } = await call(cloud.engine, 'DescribeInstances', {
    'Filter.1.Name': 'instance-lifecycle',
    'Filter.1.Value.1': 'spot',
  });
  const [instance] = reservationSet[0].instancesSet;
  expect(instance).toMatchObject({ instanceId: id, instanceLifecycle: 'spot' });
  expect(await described(cloud, instance.spotInstanceRequestId)).toMatchObject({
    state: 'active',
    status: { code: 'fulfilled' },
    instanceId: id,
    tagSet: [{ key: 'run' }],
  });
  expect(metadataTree(cloud.engine, id)?.['meta-data']).toMatchObject({ 'instance-life-cycle': 'spot' });
  cloud.clock.advance(100);
  expect(await refusal(cloud.engine, 'StopInstances', { 'InstanceId.1': id })).toBe('UnsupportedOperation');
});

test('a reclaimed instance reads its notice, and ends two minutes later', async () => {
  const cloud = ec2();
  const id = await launch(cloud, SPOT);
  cloud.clock.advance(1_000);
  const at = new Date(cloud.clock.now() + 120_000).toISOString().replace('.000Z', 'Z');
  reclaimSpot(cloud.engine, id);
  cloud.engine.settle();
  expect(metadataTree(cloud.engine, id)?.['meta-data']).toMatchObject({
    spot: { 'instance-action': JSON.stringify({ action: 'terminate', time: at }), 'termination-time': at },
  });
  cloud.clock.advance(119_000);
  expect(await stateOf(cloud.engine, id)).toBe('running');
  cloud.clock.advance(2_000);
  const { reservationSet } = await call(cloud.engine, 'DescribeInstances', { 'InstanceId.1': id });
  expect(reservationSet[0].instancesSet[0]).toMatchObject({
    instanceState: { name: 'terminated' },
    stateReason: { code: 'Server.SpotInstanceTermination' },
  });
  const { spotInstanceRequestSet } = await call(cloud.engine, 'DescribeSpotInstanceRequests');
  expect(spotInstanceRequestSet).toMatchObject([
    { state: 'closed', status: { code: 'instance-terminated-no-capacity' } },
  ]);
});

test('only spot instances are reclaimed', async () => {
  const cloud = ec2();
  const id = await launch(cloud);
  expect(() => reclaimSpot(cloud.engine, id)).toThrow('not a Spot Instance');
});

test('a request waits for capacity, and is fulfilled when an instance of the type ends', async () => {
  const cloud = ec2();
  const other = await launch(cloud);
  cloud.clock.advance(100);
  exhaust(cloud);
  expect(
    await refusal(cloud.engine, 'RunInstances', {
      ImageId: cloud.base,
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
    }),
  ).toBe('InsufficientInstanceCapacity');
  const id = await request(cloud);
  expect(await described(cloud, id)).toMatchObject({
    state: 'open',
    status: { code: 'capacity-not-available' },
  });
  await call(cloud.engine, 'TerminateInstances', { 'InstanceId.1': other });
  expect(await described(cloud, id)).toMatchObject({ state: 'active', launchedAvailabilityZone: ZONES[0] });
});

test('a persistent request gets another instance after a reclaim, until it is cancelled', async () => {
  const cloud = ec2();
  const id = await request(cloud, { Type: 'persistent' });
  const { instanceId: first } = await described(cloud, id);
  cloud.clock.advance(1_000);
  reclaimSpot(cloud.engine, first);
  cloud.engine.settle();
  cloud.clock.advance(121_000);
  const { instanceId: second, state } = await described(cloud, id);
  expect(state).toBe('active');
  expect(second).not.toBe(first);
  const { spotInstanceRequestSet } = await call(cloud.engine, 'CancelSpotInstanceRequests', {
    'SpotInstanceRequestId.1': id,
  });
  expect(spotInstanceRequestSet).toEqual([{ spotInstanceRequestId: id, state: 'cancelled' }]);
  expect(await stateOf(cloud.engine, second)).toBe('running');
});

test('prices are readable, and a request below them is not fulfilled', async () => {
  const cloud = ec2();
  const { spotPriceHistorySet } = await call(cloud.engine, 'DescribeSpotPriceHistory', {
    'InstanceType.1': 't3.micro',
    'ProductDescription.1': 'Linux/UNIX (Amazon VPC)',
  });
  expect(spotPriceHistorySet.map((p: { availabilityZone: string }) => p.availabilityZone)).toEqual(ZONES);
  expect(Number(spotPriceHistorySet[0].spotPrice)).toBeGreaterThan(0);
  const cheap = { ...SPOT, 'InstanceMarketOptions.SpotOptions.MaxPrice': '0.0001' };
  const run = { ImageId: cloud.base, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, ...cheap };
  expect(await refusal(cloud.engine, 'RunInstances', run)).toBe('SpotMaxPriceTooLow');
  const id = await request(cloud, { SpotPrice: '0.0001' });
  expect(await described(cloud, id)).toMatchObject({ state: 'open', status: { code: 'price-too-low' } });
});

test.each([
  [
    'an unknown image',
    { 'LaunchSpecification.ImageId': 'ami-0123456789abcdef0' },
    'failed',
    'bad-parameters',
  ],
  ['an end that is past', { ValidUntil: '2020-01-01T00:00:00Z' }, 'closed', 'schedule-expired'],
])('a request with %s ends without an instance', async (_what, parameters, state, code) => {
  const cloud = ec2();
  const id = await request(cloud, parameters);
  expect(await described(cloud, id)).toMatchObject({ state, status: { code } });
});

test.each([
  [{ InstanceInterruptionBehavior: 'stop' }, 'InvalidParameterCombination'],
  [{ Type: 'sometimes' }, 'InvalidParameterValue'],
  [{ SpotPrice: 'cheap' }, 'InvalidParameterValue'],
  [{ 'LaunchSpecification.ImageId': '' }, 'MissingParameter'],
] as [Record<string, string>, string][])('a request with %o is refused with %s', async (parameters, code) => {
  const { engine, base } = ec2();
  const whole = { 'LaunchSpecification.ImageId': base, ...parameters };
  expect(await refusal(engine, 'RequestSpotInstances', whole)).toBe(code);
});

test('capacity comes back with a stop, and a start needs it', async () => {
  const cloud = ec2();
  const id = await launch(cloud);
  cloud.clock.advance(100);
  exhaust(cloud);
  await call(cloud.engine, 'StopInstances', { 'InstanceId.1': id });
  cloud.clock.advance(100);
  expect(capacity(cloud.engine).get(`t3.micro/${ZONES[0]}`)?.available).toBe(1);
  await launch(cloud);
  expect(await refusal(cloud.engine, 'StartInstances', { 'InstanceId.1': id })).toBe(
    'InsufficientInstanceCapacity',
  );
});
