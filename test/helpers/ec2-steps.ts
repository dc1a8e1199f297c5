import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import type { Engine } from '../../src/localcloud/engine/engine.ts';

/** What earlier steps made, by the names that later ones use. */
const made: Record<string, string> = {};
const ID = (name: string) => made[name] as string;
const zone = 'eu-central-1a';
const tags = (ResourceType: string) => [{ ResourceType, Tags: [{ Key: 'a', Value: 'b' }] }];
const byId = (name: string) => ({ InstanceIds: [ID(name)] });

// biome-ignore lint/suspicious/noExplicitAny: answers of a hundred operations
type Out = any;
type Step = [operation: string, input?: (engine: Engine) => object, keep?: (out: Out) => void];

/** Every operation of EC2 that the local cloud has, with what it is called with, in an order in which each has something to work on. */
export const STEPS: Step[] = [
  ['DescribeRegions'],
  ['DescribeAvailabilityZones'],
  ['DescribeAccountAttributes'],
  ['DescribeInstanceTypes', () => ({ InstanceTypes: ['t3.micro'] })],
  ['DescribeInstanceTypeOfferings', () => ({ LocationType: 'availability-zone' })],
  [
    'DescribeVpcs',
    undefined,
    (out) => {
      made.vpc = out.Vpcs[0].VpcId;
    },
  ],
  ['DescribeVpcAttribute', () => ({ VpcId: ID('vpc'), Attribute: 'enableDnsSupport' })],
  ['DescribeSubnets'],
  [
    'CreateVpc',
    () => ({ CidrBlock: '10.0.0.0/16', TagSpecifications: tags('vpc') }),
    (out) => {
      made.own = out.Vpc.VpcId;
    },
  ],
  ['ModifyVpcAttribute', () => ({ VpcId: ID('own'), EnableDnsHostnames: { Value: true } })],
  [
    'CreateSubnet',
    () => ({ VpcId: ID('own'), CidrBlock: '10.0.0.0/24' }),
    (out) => {
      made.subnet = out.Subnet.SubnetId;
    },
  ],
  ['ModifySubnetAttribute', () => ({ SubnetId: ID('subnet'), MapPublicIpOnLaunch: { Value: true } })],
  ['DeleteSubnet', () => ({ SubnetId: ID('subnet') })],
  ['DeleteVpc', () => ({ VpcId: ID('own') })],
  ['DeleteVpc', () => ({ VpcId: ID('vpc') })],
  [
    'CreateDefaultVpc',
    undefined,
    (out) => {
      made.vpc = out.Vpc.VpcId;
    },
  ],
  ['DescribeInternetGateways'],
  ['DescribeRouteTables'],
  ['DescribeNetworkAcls'],
  [
    'CreateSecurityGroup',
    () => ({ GroupName: 'web', Description: 'web', TagSpecifications: tags('security-group') }),
    (out) => {
      made.group = out.GroupId;
    },
  ],
  [
    'AuthorizeSecurityGroupIngress',
    () => ({
      GroupId: ID('group'),
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }],
    }),
    (out) => {
      made.rule = out.SecurityGroupRules[0].SecurityGroupRuleId;
    },
  ],
  [
    'AuthorizeSecurityGroupEgress',
    () => ({
      GroupId: ID('group'),
      IpPermissions: [
        { IpProtocol: 'udp', FromPort: 53, ToPort: 53, UserIdGroupPairs: [{ GroupId: ID('group') }] },
      ],
    }),
  ],
  ['DescribeSecurityGroups', () => ({ GroupIds: [ID('group')] })],
  ['DescribeSecurityGroupRules', () => ({ Filters: [{ Name: 'group-id', Values: [ID('group')] }] })],
  [
    'ModifySecurityGroupRules',
    () => ({
      GroupId: ID('group'),
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: ID('rule'),
          SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, CidrIpv4: '10.0.0.0/8' },
        },
      ],
    }),
  ],
  [
    'UpdateSecurityGroupRuleDescriptionsIngress',
    () => ({
      GroupId: ID('group'),
      SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId: ID('rule'), Description: 'https' }],
    }),
  ],
  [
    'UpdateSecurityGroupRuleDescriptionsEgress',
    () => ({
      GroupId: ID('group'),
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }] }],
    }),
  ],
  ['RevokeSecurityGroupIngress', () => ({ GroupId: ID('group'), SecurityGroupRuleIds: [ID('rule')] })],
  [
    'RevokeSecurityGroupEgress',
    () => ({
      GroupId: ID('group'),
      IpPermissions: [
        { IpProtocol: 'udp', FromPort: 53, ToPort: 53, UserIdGroupPairs: [{ GroupId: ID('group') }] },
      ],
    }),
  ],
  ['CreateKeyPair', () => ({ KeyName: 'mine', KeyType: 'ed25519', TagSpecifications: tags('key-pair') })],
  [
    'DescribeKeyPairs',
    () => ({ IncludePublicKey: true }),
    (out) => {
      made.key = out.KeyPairs[0].PublicKey;
    },
  ],
  ['ImportKeyPair', () => ({ KeyName: 'same', PublicKeyMaterial: Buffer.from(ID('key')) })],
  ['GetEbsEncryptionByDefault'],
  ['EnableEbsEncryptionByDefault'],
  ['DisableEbsEncryptionByDefault'],
  ['GetEbsDefaultKmsKeyId'],
  [
    'RunInstances',
    (engine) => ({
      ImageId: baseImageId(engine),
      InstanceType: 't3.micro',
      MinCount: 1,
      MaxCount: 1,
      KeyName: 'mine',
      SecurityGroupIds: [ID('group')],
      UserData: btoa('#!/bin/sh'),
      IamInstanceProfile: { Name: 'worker' },
      TagSpecifications: tags('instance'),
    }),
    (out) => {
      made.instance = out.Instances[0].InstanceId;
    },
  ],
  ['DescribeInstances', () => byId('instance')],
  ['DescribeInstanceStatus', () => byId('instance')],
  ['DescribeNetworkInterfaces'],
  ['DescribeTags'],
  ['CreateTags', () => ({ Resources: [ID('instance')], Tags: [{ Key: 'x', Value: 'y' }] })],
  ['DeleteTags', () => ({ Resources: [ID('instance')], Tags: [{ Key: 'x' }] })],
  ['DescribeInstanceAttribute', () => ({ InstanceId: ID('instance'), Attribute: 'blockDeviceMapping' })],
  ['DescribeInstanceAttribute', () => ({ InstanceId: ID('instance'), Attribute: 'groupSet' })],
  [
    'ModifyInstanceAttribute',
    () => ({ InstanceId: ID('instance'), DisableApiTermination: { Value: false } }),
  ],
  ['ModifyInstanceMetadataOptions', () => ({ InstanceId: ID('instance'), HttpTokens: 'required' })],
  ['MonitorInstances', () => byId('instance')],
  ['UnmonitorInstances', () => byId('instance')],
  ['DescribeInstanceCreditSpecifications', () => byId('instance')],
  [
    'ModifyInstanceCreditSpecification',
    () => ({
      InstanceCreditSpecifications: [
        { InstanceId: ID('instance'), CpuCredits: 'standard' },
        { InstanceId: 'i-0123456789abcdef0', CpuCredits: 'standard' },
      ],
    }),
  ],
  ['GetPasswordData', () => ({ InstanceId: ID('instance') })],
  ['GetConsoleOutput', () => ({ InstanceId: ID('instance'), Latest: true })],
  [
    'DescribeIamInstanceProfileAssociations',
    undefined,
    (out) => {
      made.association = out.IamInstanceProfileAssociations[0].AssociationId;
    },
  ],
  [
    'ReplaceIamInstanceProfileAssociation',
    () => ({ AssociationId: ID('association'), IamInstanceProfile: { Name: 'other' } }),
    (out) => {
      made.association = out.IamInstanceProfileAssociation.AssociationId;
    },
  ],
  ['DisassociateIamInstanceProfile', () => ({ AssociationId: ID('association') })],
  [
    'AssociateIamInstanceProfile',
    () => ({ InstanceId: ID('instance'), IamInstanceProfile: { Name: 'worker' } }),
  ],
  ['GetLaunchTemplateData', () => ({ InstanceId: ID('instance') })],
  ['RebootInstances', () => byId('instance')],
  [
    'CreateReplaceRootVolumeTask',
    () => ({ InstanceId: ID('instance'), TagSpecifications: tags('replace-root-volume-task') }),
  ],
  ['DescribeReplaceRootVolumeTasks'],
  ['StopInstances', () => byId('instance')],
  ['StartInstances', () => byId('instance')],
  [
    'CreateVolume',
    () => ({ AvailabilityZone: zone, Size: 4, VolumeType: 'gp3', TagSpecifications: tags('volume') }),
    (out) => {
      made.volume = out.VolumeId;
    },
  ],
  ['AttachVolume', () => ({ VolumeId: ID('volume'), InstanceId: ID('instance'), Device: '/dev/sdf' })],
  ['DescribeVolumes'],
  ['DescribeVolumeStatus'],
  ['ModifyVolume', () => ({ VolumeId: ID('volume'), Size: 8 })],
  ['DescribeVolumesModifications'],
  ['ModifyVolumeAttribute', () => ({ VolumeId: ID('volume'), AutoEnableIO: { Value: true } })],
  ['DescribeVolumeAttribute', () => ({ VolumeId: ID('volume'), Attribute: 'autoEnableIO' })],
  [
    'CreateSnapshots',
    () => ({ InstanceSpecification: { InstanceId: ID('instance') }, CopyTagsFromSource: 'volume' }),
  ],
  [
    'CreateSnapshot',
    () => ({ VolumeId: ID('volume'), TagSpecifications: tags('snapshot') }),
    (out) => {
      made.snapshot = out.SnapshotId;
    },
  ],
  [
    'CopySnapshot',
    () => ({ SourceSnapshotId: ID('snapshot'), SourceRegion: 'eu-central-1' }),
    (out) => {
      made.copy = out.SnapshotId;
    },
  ],
  ['DescribeSnapshots'],
  [
    'ModifySnapshotAttribute',
    () => ({ SnapshotId: ID('snapshot'), CreateVolumePermission: { Add: [{ UserId: '111122223333' }] } }),
  ],
  ['DescribeSnapshotAttribute', () => ({ SnapshotId: ID('snapshot'), Attribute: 'createVolumePermission' })],
  ['ResetSnapshotAttribute', () => ({ SnapshotId: ID('snapshot'), Attribute: 'createVolumePermission' })],
  ['DetachVolume', () => ({ VolumeId: ID('volume') })],
  ['DeleteVolume', () => ({ VolumeId: ID('volume') })],
  [
    'CreateImage',
    () => ({
      InstanceId: ID('instance'),
      Name: 'app-1',
      TagSpecifications: [...tags('image'), ...tags('snapshot')],
    }),
    (out) => {
      made.image = out.ImageId;
    },
  ],
  [
    'RegisterImage',
    () => ({
      Name: 'app-2',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { SnapshotId: ID('snapshot') } }],
    }),
  ],
  [
    'CopyImage',
    () => ({ SourceImageId: ID('image'), SourceRegion: 'eu-central-1', Name: 'app-3', KmsKeyId: '' }),
  ],
  [
    'EnableImageDeprecation',
    (engine) => ({ ImageId: ID('image'), DeprecateAt: new Date(engine.clock.now() + 86_400_000) }),
  ],
  ['EnableImageDeregistrationProtection', () => ({ ImageId: ID('image') })],
  ['DescribeImages'],
  [
    'ModifyImageAttribute',
    () => ({ ImageId: ID('image'), LaunchPermission: { Add: [{ UserId: '111122223333' }] } }),
  ],
  ['DescribeImageAttribute', () => ({ ImageId: ID('image'), Attribute: 'launchPermission' })],
  ['DescribeImageAttribute', () => ({ ImageId: ID('image'), Attribute: 'blockDeviceMapping' })],
  ['ResetImageAttribute', () => ({ ImageId: ID('image'), Attribute: 'launchPermission' })],
  ['DisableImageDeprecation', () => ({ ImageId: ID('image') })],
  ['DisableImageDeregistrationProtection', () => ({ ImageId: ID('image') })],
  ['DisableImage', () => ({ ImageId: ID('image') })],
  ['EnableImage', () => ({ ImageId: ID('image') })],
  ['DeregisterImage', () => ({ ImageId: ID('image'), DeleteAssociatedSnapshots: true })],
  ['DeleteSnapshot', () => ({ SnapshotId: ID('copy') })],
  [
    'CreateLaunchTemplate',
    (engine) => ({
      LaunchTemplateName: 'workers',
      LaunchTemplateData: {
        ImageId: baseImageId(engine),
        InstanceType: 't3.micro',
        SecurityGroupIds: [ID('group')],
        NetworkInterfaces: [{ DeviceIndex: 0, Groups: [ID('group')] }],
        BlockDeviceMappings: [{ DeviceName: '/dev/sdg', NoDevice: '' }],
      },
    }),
    (out) => {
      made.template = out.LaunchTemplate.LaunchTemplateId;
    },
  ],
  [
    'CreateLaunchTemplateVersion',
    () => ({
      LaunchTemplateName: 'workers',
      SourceVersion: '1',
      LaunchTemplateData: { BlockDeviceMappings: [], NetworkInterfaces: [], InstanceType: 'm5.large' },
    }),
  ],
  ['DescribeLaunchTemplates'],
  ['DescribeLaunchTemplateVersions', () => ({ LaunchTemplateName: 'workers' })],
  ['ModifyLaunchTemplate', () => ({ LaunchTemplateName: 'workers', DefaultVersion: '2' })],
  [
    'CreateFleet',
    () => ({
      Type: 'instant',
      LaunchTemplateConfigs: [
        {
          LaunchTemplateSpecification: { LaunchTemplateId: ID('template'), Version: '2' },
          Overrides: [
            { InstanceType: 'm5.large', SubnetId: 'subnet-0123456789abcdef0' },
            { InstanceType: 'c5.large', WeightedCapacity: 1.5, MaxPrice: '1' },
          ],
        },
      ],
      TargetCapacitySpecification: { TotalTargetCapacity: 2, DefaultTargetCapacityType: 'spot' },
      SpotOptions: { AllocationStrategy: 'capacity-optimized' },
      TagSpecifications: tags('fleet'),
    }),
    (out) => {
      made.fleet = out.FleetId;
    },
  ],
  ['DescribeFleets', () => ({ FleetIds: [ID('fleet')] })],
  ['DeleteFleets', () => ({ FleetIds: [ID('fleet')], TerminateInstances: true })],
  ['DeleteLaunchTemplateVersions', () => ({ LaunchTemplateName: 'workers', Versions: ['1', '2'] })],
  ['DeleteLaunchTemplate', () => ({ LaunchTemplateName: 'workers' })],
  [
    'DescribeSpotPriceHistory',
    (engine) => ({ InstanceTypes: ['t3.micro'], StartTime: new Date(engine.clock.now()) }),
  ],
  [
    'RequestSpotInstances',
    (engine) => ({
      LaunchSpecification: {
        ImageId: baseImageId(engine),
        InstanceType: 't3.micro',
        IamInstanceProfile: { Name: 'worker' },
        Placement: { AvailabilityZone: zone },
      },
    }),
    (out) => {
      made.spot = out.SpotInstanceRequests[0].SpotInstanceRequestId;
    },
  ],
  ['DescribeSpotInstanceRequests'],
  ['CancelSpotInstanceRequests', () => ({ SpotInstanceRequestIds: [ID('spot')] })],
  ['TerminateInstances', () => byId('instance')],
  ['DeleteSecurityGroup', () => ({ GroupId: ID('group') })],
  ['DeleteKeyPair', () => ({ KeyName: 'same' })],
];
