import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCloud } from '../../../src/clouds/open.ts';
import { readPolicy } from '../../../src/localcloud/engine/iam/documents.ts';
import { callAlibaba } from '../../helpers/alicloud.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';
import { keyUnder } from '../../helpers/own-paths.ts';
import { shippedPolicy } from '../../helpers/policies.ts';

const allow = (Action: string | string[], Resource: string | string[] = '*', Condition = {}) => ({
  ...{ Effect: 'Allow', Action, Resource, Condition },
});
const ram = (...Statement: object[]) => ({ Version: '1', Statement });

describe('a RAM policy', () => {
  const read = (statement: object) => readPolicy(JSON.stringify(ram({ ...allow('ecs:*'), ...statement })));

  it('is one of Alibaba Cloud by its version', () => {
    expect(read({}).map(({ language }) => language)).toEqual(['ram']);
    const iam = { Version: '2012-10-17', Statement: allow('ec2:*') };
    expect(readPolicy(JSON.stringify(iam)).map(({ language }) => language)).toEqual(['iam']);
  });

  it.each([
    { Condition: { StringEqualsIfExists: { 'acs:ResourceTag/a': 'b' } } },
    { Condition: { Null: { 'acs:ResourceTag/a': 'true' } } },
    { Condition: { ArnLike: { 'acs:ResourceTag/a': 'b' } } },
    { Resource: undefined, NotResource: '*' },
  ])('is refused with what RAM does not know: %j', (statement) => {
    expect(() => read(statement)).toThrow(expect.objectContaining({ code: 'MalformedPolicyDocument' }));
  });
});

describe('with RAM policies enforced', () => {
  let cloud: TestCloud;
  let RegionId: string;
  beforeEach(async () => {
    cloud = await startCloud();
    RegionId = cloud.region;
  });
  afterEach(() => cloud.close());

  /** A user who may do what the document says. */
  const under = async (policy: object) => {
    const credentials = await keyUnder(cloud, policy);
    return (
      product: Parameters<typeof callAlibaba>[1],
      action: string,
      parameters: Record<string, unknown> = {},
    ) => callAlibaba({ endpoint: cloud.endpoint, credentials }, product, action, { RegionId, ...parameters });
  };
  const root: Awaited<ReturnType<typeof under>> = (product, action, parameters) =>
    callAlibaba(cloud, product, action, { RegionId, ...parameters });
  const launch = async (call: typeof root, Tag: object[], more: object = {}) => {
    const { Image } = (await root('ecs', 'DescribeImageFromFamily', {
      ImageFamily: 'acs:alibaba_cloud_linux_3_2104_lts_x64',
    })) as { Image: { ImageId: string } };
    const launched = await call('ecs', 'RunInstances', {
      ...{ ImageId: Image.ImageId, InstanceType: 'ecs.c7.large', Tag, ...more },
    });
    return (launched.InstanceIdSets as { InstanceIdSet: string[] }).InstanceIdSet[0]!;
  };
  const refused = (AuthAction: string) => ({
    code: 'Forbidden.RAM',
    statusCode: 403,
    accessDeniedDetail: expect.objectContaining({
      ...{ AuthAction, AuthPrincipalDisplayName: 'bake', AuthPrincipalType: 'SubUser' },
      ...{ NoPermissionType: 'ImplicitDeny', PolicyType: 'AccountLevelIdentityBasedPolicy' },
    }),
  });

  it('a user may ask who they are, and no more; the account itself may do everything', async () => {
    const call = await under(ram(allow('ecs:StopInstance')));
    expect(await call('sts', 'GetCallerIdentity')).toMatchObject({
      Arn: 'acs:ram::0000000000000000:user/bake',
      IdentityType: 'RAMUser',
    });
    await expect(call('ecs', 'DescribeInstances')).rejects.toMatchObject(refused('ecs:DescribeInstances'));
    await expect(call('ess', 'DescribeScalingGroups')).rejects.toMatchObject(
      refused('ess:DescribeScalingGroups'),
    );
    await expect(call('slb', 'DescribeLoadBalancers')).rejects.toMatchObject(
      refused('slb:DescribeLoadBalancers'),
    );
    await expect(call('ecs', 'DescribeVSwitches')).rejects.toMatchObject(refused('vpc:DescribeVSwitches'));
    await root('ecs', 'DescribeInstances');
  });

  it("AWS's policies say nothing of Alibaba Cloud, and RAM's nothing of AWS", async () => {
    const call = await under({ Version: '2012-10-17', Statement: allow('*') });
    await expect(call('ecs', 'DescribeInstances')).rejects.toMatchObject(refused('ecs:DescribeInstances'));
    const credentials = await keyUnder(cloud, ram(allow('*')));
    const aws = await openCloud({ kind: 'aws', endpoint: cloud.endpoint, region: RegionId, credentials });
    await expect(aws.instances.find(['i-1'])).rejects.toThrow('is not allowed ec2:DescribeInstances');
    aws.close();
  });

  it('what is launched has to carry its tags, and then goes by them', async () => {
    const call = await under(
      ram(
        allow('ecs:RunInstances', '*', { StringLike: { 'acs:RequestTag/run': '*' } }),
        allow('ecs:StopInstance', 'acs:ecs:*:*:instance/*', { StringEquals: { 'acs:ResourceTag/run': '1' } }),
        allow('ecs:DeleteInstance', `acs:ecs:${RegionId}:0000000000000000:instance/*`, {
          StringEquals: { 'ecs:tag/run': '1' },
        }),
      ),
    );
    await expect(launch(call, [])).rejects.toMatchObject(refused('ecs:RunInstances'));
    const own = await launch(call, [{ Key: 'run', Value: '1' }]);
    const other = await launch(root, [{ Key: 'run', Value: '2' }]);
    await call('ecs', 'DeleteInstance', { InstanceId: own, Force: true });
    for (const action of ['StopInstance', 'DeleteInstance'])
      await expect(call('ecs', action, { InstanceId: other })).rejects.toMatchObject(
        refused(`ecs:${action}`),
      );
  });

  it('a role is handed over by who may pass it to ECS', async () => {
    const role = { RamRoleName: 'worker' };
    const without = await under(ram(allow('ecs:RunInstances')));
    await expect(launch(without, [], role)).rejects.toMatchObject(refused('ram:PassRole'));
    const condition = { StringEquals: { 'acs:Service': 'ecs.aliyuncs.com' } };
    const passing = allow('ram:PassRole', 'acs:ram:*:*:role/worker', condition);
    const call = await under(ram(allow('ecs:RunInstances'), passing));
    await launch(call, [], role);
    await expect(launch(call, [], { RamRoleName: 'admin' })).rejects.toMatchObject(refused('ram:PassRole'));
  });

  it('a launch template is the same by its id and by its name', async () => {
    const made = (LaunchTemplateName: string) => root('ecs', 'CreateLaunchTemplate', { LaunchTemplateName });
    const { LaunchTemplateId } = await made('own');
    await made('other');
    const call = await under(
      ram(allow('ecs:CreateLaunchTemplateVersion', `acs:ecs:*:*:launchtemplate/${LaunchTemplateId}`)),
    );
    await call('ecs', 'CreateLaunchTemplateVersion', { LaunchTemplateId });
    await call('ecs', 'CreateLaunchTemplateVersion', { LaunchTemplateName: 'own' });
    await expect(
      call('ecs', 'CreateLaunchTemplateVersion', { LaunchTemplateName: 'other' }),
    ).rejects.toMatchObject(refused('ecs:CreateLaunchTemplateVersion'));
  });

  it('parameters are told apart by their paths; a denial beats what is allowed', async () => {
    const bake = 'acs:oos:*:*:parameter/bake/*';
    const put = (call: typeof root, Name: string) =>
      call('oos', 'CreateParameter', { Name, Value: 'x', Type: 'String' });
    const call = await under(ram(allow('oos:*', bake)));
    await put(call, '/bake/a');
    await expect(put(call, '/other/a')).rejects.toMatchObject(refused('oos:CreateParameter'));
    const denied = await under(ram(allow('oos:*'), { ...allow('oos:Create*', bake), Effect: 'Deny' }));
    await put(denied, '/other/a');
    await expect(put(denied, '/bake/b')).rejects.toMatchObject({
      accessDeniedDetail: expect.objectContaining({ NoPermissionType: 'ExplicitDeny' }),
    });
  });

  it('bake says who may not do what, and which shipped policy allows it', async () => {
    const credentials = await keyUnder(cloud, ram(allow('ess:*')));
    const { endpoint } = cloud;
    const bake = await openCloud({ kind: 'alicloud', endpoint, region: RegionId, credentials, local: true });
    await expect(bake.instances.reboot('i-1')).rejects.toMatchObject({
      message: 'bake is not allowed ecs:RebootInstance',
      hint: "Allow it in the caller's RAM policy: policies/ram/builder.json grants it.",
    });
    await expect(bake.instances.findByTags({})).rejects.toMatchObject({
      hint: "Allow it in the caller's RAM policy: policies/ram/builder.json and policies/ram/deployer.json grant it.",
    });
  });

  it('every action that a plan lists is in the deployer policy', async () => {
    const bake = await openCloud({
      kind: 'alicloud',
      endpoint: cloud.endpoint,
      region: RegionId,
      local: true,
    });
    const all = shippedPolicy('deployer', 'ram').Statement.flatMap(({ Action }) => Action);
    for (const strategy of ['rolling', 'blue-green'] as const) {
      const needed = await bake.permissions.forRollout({
        ...{ strategy, group: 'web', template: { id: 'lt-1', version: 1 }, imageId: 'm-1', route: 'weights' },
        ...{ newVersion: true, instanceProfile: true, holds: true, messages: false, commands: true },
      });
      expect(needed.filter(({ action }) => !all.includes(action))).toEqual([]);
      expect(new Set(needed.flatMap(({ policies }) => policies))).toEqual(
        new Set(['policies/ram/deployer.json']),
      );
    }
  });
});
