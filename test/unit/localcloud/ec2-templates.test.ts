import { expect, test } from 'vitest';
import { findInstance } from '../../../src/localcloud/engine/ec2/instances.ts';
import { resolveTemplate } from '../../../src/localcloud/engine/ec2/launch-templates.ts';
import { call, ec2, launch, refusal } from '../../helpers/ec2.ts';

const IMAGE = 'ami-0123456789abcdef0';

async function template() {
  const cloud = ec2();
  const { launchTemplate } = await call(cloud.engine, 'CreateLaunchTemplate', {
    LaunchTemplateName: 'workers',
    VersionDescription: 'release 1',
    'LaunchTemplateData.ImageId': cloud.base,
    'LaunchTemplateData.InstanceType': 't3.micro',
    'LaunchTemplateData.IamInstanceProfile.Name': 'worker',
    'LaunchTemplateData.UserData': btoa('one'),
    'LaunchTemplateData.MetadataOptions.HttpTokens': 'required',
    'LaunchTemplateData.MetadataOptions.HttpPutResponseHopLimit': 1,
    'LaunchTemplateData.BlockDeviceMapping.1.DeviceName': '/dev/xvda',
    'LaunchTemplateData.BlockDeviceMapping.1.Ebs.VolumeSize': 30,
    'LaunchTemplateData.TagSpecification.1.ResourceType': 'instance',
    'LaunchTemplateData.TagSpecification.1.Tag.1.Key': 'release',
    'LaunchTemplateData.TagSpecification.1.Tag.1.Value': '1',
  });
  return { cloud, engine: cloud.engine, id: launchTemplate.launchTemplateId as string };
}

const version = (t: Awaited<ReturnType<typeof template>>, parameters: Record<string, string | number>) =>
  call(t.engine, 'CreateLaunchTemplateVersion', { LaunchTemplateId: t.id, ...parameters });

test('a version from a source replaces the members given and keeps the others', async () => {
  const t = await template();
  const { launchTemplateVersion } = await version(t, {
    SourceVersion: '1',
    VersionDescription: 'release 2',
    'LaunchTemplateData.ImageId': IMAGE,
    'LaunchTemplateData.MetadataOptions.HttpTokens': 'optional',
  });
  expect(launchTemplateVersion).toMatchObject({
    versionNumber: 2,
    defaultVersion: false,
    versionDescription: 'release 2',
  });
  expect(launchTemplateVersion.launchTemplateData).toEqual({
    imageId: IMAGE,
    instanceType: 't3.micro',
    iamInstanceProfile: { name: 'worker' },
    userData: btoa('one'),
    metadataOptions: { httpTokens: 'optional' },
    blockDeviceMappingSet: [{ deviceName: '/dev/xvda', ebs: { volumeSize: 30 } }],
    tagSpecificationSet: [{ resourceType: 'instance', tagSet: [{ key: 'release', value: '1' }] }],
  });
});

test('a version without a source holds only what is given', async () => {
  const t = await template();
  const { launchTemplateVersion } = await version(t, { 'LaunchTemplateData.ImageId': IMAGE });
  expect(launchTemplateVersion.launchTemplateData).toEqual({ imageId: IMAGE });
});

test('$Latest and $Default are resolved at the moment of asking', async () => {
  const t = await template();
  await version(t, { SourceVersion: '$Latest', 'LaunchTemplateData.ImageId': IMAGE });
  const resolve = (v?: string) => resolveTemplate(t.engine, { name: 'workers', version: v }).version;
  expect([resolve('$Latest'), resolve('$Default'), resolve(), resolve('2')]).toEqual([2, 1, 1, 2]);
  await call(t.engine, 'ModifyLaunchTemplate', { LaunchTemplateId: t.id, SetDefaultVersion: 2 });
  expect(resolve('$Default')).toBe(2);
  expect(() => resolve('7')).toThrow(
    expect.objectContaining({ code: 'InvalidLaunchTemplateId.VersionNotFound' }),
  );
});

test('versions are listed newest first, by range, by name and page by page', async () => {
  const t = await template();
  for (let n = 2; n <= 5; n++) await version(t, { SourceVersion: '1', VersionDescription: `release ${n}` });
  const list = async (parameters: Record<string, string | number>) => {
    const answer = await call(t.engine, 'DescribeLaunchTemplateVersions', {
      LaunchTemplateName: 'workers',
      ...parameters,
    });
    return {
      numbers: answer.launchTemplateVersionSet.map((v: { versionNumber: number }) => v.versionNumber),
      token: answer.nextToken,
    };
  };
  expect((await list({})).numbers).toEqual([5, 4, 3, 2, 1]);
  expect((await list({ MinVersion: 2, MaxVersion: 4 })).numbers).toEqual([4, 3, 2]);
  expect(
    (await list({ 'LaunchTemplateVersion.1': '$Latest', 'LaunchTemplateVersion.2': '$Default' })).numbers,
  ).toEqual([5, 1]);
  const first = await list({ MaxResults: 2 });
  expect(first.numbers).toEqual([5, 4]);
  // A version made between two pages moves none of the old ones.
  await version(t, { SourceVersion: '1' });
  expect((await list({ MaxResults: 2, NextToken: first.token })).numbers).toEqual([3, 2]);
});

test('deleted versions are gone, their numbers are never given again, the default one stays', async () => {
  const t = await template();
  await version(t, { SourceVersion: '1' });
  await version(t, { SourceVersion: '1' });
  const answer = await call(t.engine, 'DeleteLaunchTemplateVersions', {
    LaunchTemplateId: t.id,
    'LaunchTemplateVersion.1': '3',
    'LaunchTemplateVersion.2': '1',
    'LaunchTemplateVersion.3': '9',
  });
  expect(answer.successfullyDeletedLaunchTemplateVersionSet).toMatchObject([{ versionNumber: 3 }]);
  expect(answer.unsuccessfullyDeletedLaunchTemplateVersionSet).toMatchObject([
    { versionNumber: 1, responseError: { code: 'unexpectedError' } },
    { versionNumber: 9, responseError: { code: 'launchTemplateVersionDoesNotExist' } },
  ]);
  expect(resolveTemplate(t.engine, { id: t.id, version: '$Latest' }).version).toBe(2);
  const { launchTemplateVersion } = await version(t, { SourceVersion: '2' });
  expect(launchTemplateVersion.versionNumber).toBe(4);
});

test('the same client token makes one template and one version', async () => {
  const t = await template();
  const create = { LaunchTemplateName: 'once', ClientToken: 'a', 'LaunchTemplateData.ImageId': IMAGE };
  const first = await call(t.engine, 'CreateLaunchTemplate', create);
  expect(await call(t.engine, 'CreateLaunchTemplate', create)).toEqual(first);
  const again = { ClientToken: 'b', SourceVersion: '1', 'LaunchTemplateData.ImageId': IMAGE };
  expect((await version(t, again)).launchTemplateVersion.versionNumber).toBe(2);
  expect((await version(t, again)).launchTemplateVersion.versionNumber).toBe(2);
});

test.each([
  [
    'CreateLaunchTemplate',
    { LaunchTemplateName: 'workers', 'LaunchTemplateData.ImageId': IMAGE },
    'InvalidLaunchTemplateName.AlreadyExistsException',
  ],
  [
    'CreateLaunchTemplate',
    { LaunchTemplateName: 'no spaces', 'LaunchTemplateData.ImageId': IMAGE },
    'InvalidLaunchTemplateName.MalformedException',
  ],
  ['CreateLaunchTemplate', { LaunchTemplateName: 'empty' }, 'MissingParameter'],
  [
    'DescribeLaunchTemplates',
    { 'LaunchTemplateName.1': 'nobody' },
    'InvalidLaunchTemplateName.NotFoundException',
  ],
  [
    'DescribeLaunchTemplates',
    { 'LaunchTemplateId.1': 'lt-0123456789abcdef0' },
    'InvalidLaunchTemplateId.NotFound',
  ],
  ['DescribeLaunchTemplateVersions', { LaunchTemplateId: 'lt-x' }, 'InvalidLaunchTemplateId.Malformed'],
  ['DeleteLaunchTemplate', {}, 'MissingParameter'],
  [
    'CreateLaunchTemplateVersion',
    { LaunchTemplateName: 'workers', SourceVersion: '8' },
    'InvalidLaunchTemplateId.VersionNotFound',
  ],
] as [string, Record<string, string>, string][])(
  '%s with %o is refused with %s',
  async (action, parameters, code) => {
    const t = await template();
    expect(await refusal(t.engine, action, parameters)).toBe(code);
  },
);

test("a launch from a template puts the request's own fields on top and notes the version", async () => {
  const t = await template();
  const id = await launch(t.cloud, {
    ImageId: '',
    InstanceType: 't3.small',
    'LaunchTemplate.LaunchTemplateId': t.id,
    'LaunchTemplate.Version': '$Latest',
    'TagSpecification.1.ResourceType': 'instance',
    'TagSpecification.1.Tag.1.Key': 'Name',
    'TagSpecification.1.Tag.1.Value': 'one',
  });
  expect(findInstance(t.engine, id)).toMatchObject({
    imageId: t.cloud.base,
    instanceType: 't3.small',
    profile: 'worker',
    userData: btoa('one'),
    metadataOptions: { httpTokens: 'required', httpPutResponseHopLimit: 1 },
    launchTemplate: { id: t.id, version: 1 },
    tags: {
      release: '1',
      Name: 'one',
      'aws:ec2launchtemplate:id': t.id,
      'aws:ec2launchtemplate:version': '1',
    },
  });
});

test('a deleted template is gone with its versions', async () => {
  const t = await template();
  await call(t.engine, 'DeleteLaunchTemplate', { LaunchTemplateName: 'workers' });
  expect((await call(t.engine, 'DescribeLaunchTemplates')).launchTemplates).toEqual([]);
  expect(await refusal(t.engine, 'DescribeLaunchTemplateVersions', { LaunchTemplateId: t.id })).toBe(
    'InvalidLaunchTemplateId.NotFound',
  );
});
