import { expect, test } from 'vitest';
import { setEventualConsistency } from '../../../src/localcloud/engine/ec2/consistency.ts';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

test('a new instance is not found for as long as it was told, then for ever, also after a start', async () => {
  const cloud = ec2();
  const { engine, clock } = cloud;
  setEventualConsistency(engine, 3_000);
  const id = { 'InstanceId.1': await launch(cloud) };
  for (const operation of ['DescribeInstances', 'DescribeInstanceStatus'])
    expect(await refusal(engine, operation, id)).toBe('InvalidInstanceID.NotFound');
  expect((await call(engine, 'DescribeInstances')).reservationSet).toEqual([]);
  clock.advance(3_000);
  await call(engine, 'StopInstances', id);
  clock.advance(1_000);
  await call(engine, 'StartInstances', id);
  expect((await call(engine, 'DescribeInstances', id)).reservationSet).toHaveLength(1);
});

test('a new image and a new template version are not found yet; the latest version is the one before', async () => {
  const cloud = ec2();
  const { engine, clock, base } = cloud;
  const InstanceId = await launch(cloud);
  const name = { LaunchTemplateName: 'workers', 'LaunchTemplateData.ImageId': base };
  await call(engine, 'CreateLaunchTemplate', name);
  clock.advance(1_000);
  setEventualConsistency(engine, 500);
  const { imageId } = await call(engine, 'CreateImage', { InstanceId, Name: 'app-1' });
  expect(await refusal(engine, 'DescribeImages', { 'ImageId.1': imageId })).toBe('InvalidAMIID.NotFound');
  await call(engine, 'CreateLaunchTemplateVersion', name);
  const versions = async (version: string) => {
    const asked = { LaunchTemplateName: 'workers', 'LaunchTemplateVersion.1': version };
    const answer = await call(engine, 'DescribeLaunchTemplateVersions', asked);
    return answer.launchTemplateVersionSet.map((v: { versionNumber: number }) => v.versionNumber);
  };
  expect(await versions('$Latest')).toEqual([1]);
  await expect(versions('2')).rejects.toMatchObject({ code: 'InvalidLaunchTemplateId.VersionNotFound' });
  clock.advance(500);
  expect(await versions('$Latest')).toEqual([2]);
  expect(await refusal(engine, 'DescribeImages', { 'ImageId.1': imageId })).toBe('accepted');
});
