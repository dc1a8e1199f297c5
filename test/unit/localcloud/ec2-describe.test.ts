import { expect, test } from 'vitest';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

const tag = (key: string, value: string) => ({
  'TagSpecification.1.ResourceType': 'instance',
  'TagSpecification.1.Tag.1.Key': key,
  'TagSpecification.1.Tag.1.Value': value,
});

async function three() {
  const cloud = ec2();
  const a = await launch(cloud, tag('Name', 'worker-1'));
  const b = await launch(cloud, tag('Name', 'worker-2'));
  const c = await launch(cloud, tag('role', 'we*b'));
  const find = async (...filters: [string, ...string[]][]) => {
    const parameters: Record<string, string> = {};
    filters.forEach(([name, ...values], f) => {
      parameters[`Filter.${f + 1}.Name`] = name;
      values.forEach((value, v) => {
        parameters[`Filter.${f + 1}.Value.${v + 1}`] = value;
      });
    });
    const { reservationSet } = await call(cloud.engine, 'DescribeInstances', parameters);
    return reservationSet.flatMap((r: { instancesSet: { instanceId: string }[] }) =>
      r.instancesSet.map(({ instanceId }) => instanceId),
    );
  };
  return { cloud, a, b, c, find };
}

test('filters match by tag, by key, by wildcard, any value of one and all of several', async () => {
  const { a, b, c, find } = await three();
  expect(await find(['tag:Name', 'worker-1'])).toEqual([a]);
  expect(await find(['tag:Name', 'worker-?'])).toEqual([a, b]);
  expect(await find(['tag:Name', '*-2', 'worker-1'])).toEqual([a, b]);
  expect(await find(['tag-key', 'role'])).toEqual([c]);
  expect(await find(['tag:role', 'we\\*b'])).toEqual([c]);
  expect(await find(['tag:role', 'we\\*'])).toEqual([]);
  expect(await find(['tag:Name', 'WORKER-1'])).toEqual([]);
  expect(await find(['instance-state-name', 'pending'], ['tag:Name', '*'])).toEqual([a, b]);
  expect(await find(['instance-state-name', 'stopped'])).toEqual([]);
});

test('an unknown filter is refused by name', async () => {
  const { cloud } = await three();
  await expect(
    call(cloud.engine, 'DescribeInstances', { 'Filter.1.Name': 'colour', 'Filter.1.Value.1': 'red' }),
  ).rejects.toMatchObject({ code: 'InvalidParameterValue', message: "The filter 'colour' is invalid" });
});

test.each([
  ['network-interface.attachment.device-index', '0', 3],
  ['network-interface.group-name', 'default', 3],
  ['network-interface.addresses.primary', 'true', 3],
  ['block-device-mapping.delete-on-termination', 'true', 3],
  ['metadata-options.http-put-response-hop-limit', '2', 3],
  ['instance.group-name', 'web', 0],
  ['tenancy', 'dedicated', 0],
  ['hibernation-options.configured', 'false', 3],
  ['ip-address', '*', 0],
] as const)('the filter %s looks at what the answer shows: %s', async (name, value, count) => {
  const { find } = await three();
  expect(await find([name, value])).toHaveLength(count);
});

test('every instance is on exactly one page', async () => {
  const cloud = ec2();
  for (let n = 0; n < 12; n++) await launch(cloud);
  const seen: string[] = [];
  let token = '';
  do {
    const answer = await call(cloud.engine, 'DescribeInstances', { MaxResults: 5, NextToken: token });
    seen.push(
      ...answer.reservationSet.map(
        (r: { instancesSet: { instanceId: string }[] }) => r.instancesSet[0]?.instanceId,
      ),
    );
    token = answer.nextToken ?? '';
  } while (token);
  expect(new Set(seen).size).toBe(12);
  expect(seen).toHaveLength(12);
  expect(await refusal(cloud.engine, 'DescribeInstances', { MaxResults: 2 })).toBe('InvalidParameterValue');
  expect(await refusal(cloud.engine, 'DescribeInstances', { NextToken: 'xyz' })).toBe('InvalidNextToken');
  expect(
    await refusal(cloud.engine, 'DescribeInstances', { MaxResults: 5, 'InstanceId.1': seen[0] as string }),
  ).toBe('InvalidParameterCombination');
});

test('an unknown and a malformed id have their own errors', async () => {
  const { engine } = ec2();
  expect(await refusal(engine, 'DescribeInstances', { 'InstanceId.1': 'i-0123456789abcdef0' })).toBe(
    'InvalidInstanceID.NotFound',
  );
  expect(await refusal(engine, 'DescribeInstances', { 'InstanceId.1': 'server' })).toBe(
    'InvalidInstanceID.Malformed',
  );
});

test('tags go on every kind of resource, all or none, and come off by key and by value', async () => {
  const { cloud, a } = await three();
  const { engine } = cloud;
  const { securityGroupInfo } = await call(engine, 'DescribeSecurityGroups');
  const group = securityGroupInfo[0].groupId;
  const ids = { 'ResourceId.1': a, 'ResourceId.2': group };
  await call(engine, 'CreateTags', { ...ids, 'Tag.1.Key': 'env', 'Tag.1.Value': 'dev', 'Tag.2.Key': 'run' });
  const tags = async () =>
    (await call(engine, 'DescribeTags', { 'Filter.1.Name': 'key', 'Filter.1.Value.1': 'env' })).tagSet;
  expect(await tags()).toEqual([
    { resourceId: a, resourceType: 'instance', key: 'env', value: 'dev' },
    { resourceId: group, resourceType: 'security-group', key: 'env', value: 'dev' },
  ]);
  const broken = { 'ResourceId.1': a, 'ResourceId.2': 'i-0123456789abcdef0', 'Tag.1.Key': 'half' };
  expect(await refusal(engine, 'CreateTags', broken)).toBe('InvalidInstanceID.NotFound');
  const half = { 'Filter.1.Name': 'key', 'Filter.1.Value.1': 'half' };
  expect((await call(engine, 'DescribeTags', half)).tagSet).toEqual([]);
  await call(engine, 'DeleteTags', { ...ids, 'Tag.1.Key': 'env', 'Tag.1.Value': 'prod' });
  expect(await tags()).toHaveLength(2);
  await call(engine, 'DeleteTags', { ...ids, 'Tag.1.Key': 'env' });
  expect(await tags()).toEqual([]);
  expect(await refusal(engine, 'CreateTags', { 'ResourceId.1': a, 'Tag.1.Key': 'aws:mine' })).toBe(
    'InvalidParameterValue',
  );
});
