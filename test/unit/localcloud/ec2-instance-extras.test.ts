import { expect, test } from 'vitest';
import { findInstance } from '../../../src/localcloud/engine/ec2/instances.ts';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

test("an instance's profile is given, replaced and taken, each time under a new association", async () => {
  const cloud = ec2();
  const { engine } = cloud;
  const InstanceId = await launch(cloud, { 'IamInstanceProfile.Name': 'first' });
  const associations = async () =>
    (
      await call(engine, 'DescribeIamInstanceProfileAssociations', {
        'Filter.1.Name': 'instance-id',
        'Filter.1.Value.1': InstanceId,
      })
    ).iamInstanceProfileAssociationSet;
  const [{ associationId }] = await associations();
  expect(associationId).toMatch(/^iip-assoc-/);
  const second = { AssociationId: associationId, 'IamInstanceProfile.Name': 'second' };
  await call(engine, 'ReplaceIamInstanceProfileAssociation', second);
  expect(await associations()).toMatchObject([
    { state: 'associated', iamInstanceProfile: { arn: expect.stringMatching(/second$/) } },
  ]);
  expect(await refusal(engine, 'ReplaceIamInstanceProfileAssociation', second)).toBe('NoSuchAssociation');
  const third = { InstanceId, 'IamInstanceProfile.Name': 'third' };
  expect(await refusal(engine, 'AssociateIamInstanceProfile', third)).toBe('IncorrectState');
  await call(engine, 'DisassociateIamInstanceProfile', {
    AssociationId: (await associations())[0].associationId,
  });
  expect(findInstance(engine, InstanceId).profile).toBeUndefined();
  await call(engine, 'AssociateIamInstanceProfile', third);
  expect(findInstance(engine, InstanceId).profile).toBe('third');
});

test('monitoring is switched on and off', async () => {
  const cloud = ec2();
  const id = { 'InstanceId.1': await launch(cloud) };
  const on = await call(cloud.engine, 'MonitorInstances', id);
  expect(on.instancesSet).toMatchObject([{ monitoring: { state: 'pending' } }]);
  expect(findInstance(cloud.engine, id['InstanceId.1']).monitoring).toBe(true);
  await call(cloud.engine, 'UnmonitorInstances', id);
  expect(findInstance(cloud.engine, id['InstanceId.1']).monitoring).toBe(false);
});

test('CPU credits are told of burstable instances, and changed on them only', async () => {
  const cloud = ec2();
  const { engine } = cloud;
  const burstable = await launch(cloud);
  const steady = await launch(cloud, { InstanceType: 'm5.large' });
  const credits = async () =>
    (await call(engine, 'DescribeInstanceCreditSpecifications')).instanceCreditSpecificationSet;
  expect(await credits()).toEqual([{ instanceId: burstable, cpuCredits: 'unlimited' }]);
  const answer = await call(engine, 'ModifyInstanceCreditSpecification', {
    'InstanceCreditSpecification.1.InstanceId': burstable,
    'InstanceCreditSpecification.1.CpuCredits': 'standard',
    'InstanceCreditSpecification.2.InstanceId': steady,
    'InstanceCreditSpecification.2.CpuCredits': 'standard',
  });
  expect(answer).toMatchObject({
    successfulInstanceCreditSpecificationSet: [{ instanceId: burstable }],
    unsuccessfulInstanceCreditSpecificationSet: [
      { instanceId: steady, error: { code: 'InvalidParameterValue' } },
    ],
  });
  expect(await credits()).toEqual([{ instanceId: burstable, cpuCredits: 'standard' }]);
});

test('where encryption is the default, new volumes are encrypted without being asked to', async () => {
  const cloud = ec2();
  await call(cloud.engine, 'EnableEbsEncryptionByDefault');
  await launch(cloud);
  expect((await call(cloud.engine, 'DescribeVolumes')).volumeSet).toMatchObject([{ encrypted: true }]);
  expect(await call(cloud.engine, 'GetEbsEncryptionByDefault')).toMatchObject({
    ebsEncryptionByDefault: true,
  });
});

test('a password is empty, and the account says what it has', async () => {
  const cloud = ec2();
  const InstanceId = await launch(cloud);
  expect(await call(cloud.engine, 'GetPasswordData', { InstanceId })).toMatchObject({ passwordData: '' });
  const { accountAttributeSet } = await call(cloud.engine, 'DescribeAccountAttributes', {
    'AttributeName.1': 'default-vpc',
  });
  expect(accountAttributeSet).toMatchObject([
    { attributeName: 'default-vpc', attributeValueSet: [{ attributeValue: expect.stringMatching(/^vpc-/) }] },
  ]);
});
