import type { InstanceRecord } from './instance-record.ts';
import type { LaunchTemplateData } from './launch-template-data.ts';

/** Launch template data that makes instances like this one. */
export const templateDataOf = (instance: InstanceRecord): LaunchTemplateData => ({
  ImageId: instance.imageId,
  InstanceType: instance.instanceType,
  ...(instance.keyName !== undefined && { KeyName: instance.keyName }),
  ...(instance.userData !== '' && { UserData: instance.userData }),
  ...(instance.profile !== undefined && {
    IamInstanceProfile: instance.profile.startsWith('arn:')
      ? { Arn: instance.profile }
      : { Name: instance.profile },
  }),
  EbsOptimized: instance.ebsOptimized,
  DisableApiTermination: instance.disableApiTermination,
  InstanceInitiatedShutdownBehavior: instance.shutdownBehavior,
  Monitoring: { Enabled: instance.monitoring },
  Placement: { AvailabilityZone: instance.zone, Tenancy: 'default' } as { AvailabilityZone: string },
  NetworkInterfaces: [
    { DeviceIndex: 0, SubnetId: instance.subnetId, Groups: instance.securityGroupIds } as {
      SubnetId: string;
      Groups: string[];
    },
  ],
  BlockDeviceMappings: instance.blockDevices.map(({ deviceName, deleteOnTermination }) => ({
    DeviceName: deviceName,
    Ebs: { DeleteOnTermination: deleteOnTermination },
  })),
  MetadataOptions: {
    HttpTokens: instance.metadataOptions.httpTokens,
    HttpPutResponseHopLimit: instance.metadataOptions.httpPutResponseHopLimit,
    HttpEndpoint: instance.metadataOptions.httpEndpoint,
    InstanceMetadataTags: instance.metadataOptions.instanceMetadataTags,
  },
  TagSpecifications: userTags(instance),
});

function userTags({ tags }: InstanceRecord): NonNullable<LaunchTemplateData['TagSpecifications']> {
  const own = Object.entries(tags).filter(([key]) => !key.startsWith('aws:'));
  if (own.length === 0) return [];
  return [{ ResourceType: 'instance', Tags: own.map(([Key, Value]) => ({ Key, Value })) }];
}
