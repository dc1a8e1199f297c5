import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  type CreateSecurityGroupCommandInput,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  ImportKeyPairCommand,
} from '@aws-sdk/client-ec2';
import { usageError } from '../../run/errors.ts';
import type { SshAccess } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { tagList } from './describe.ts';
import { failedWith } from './errors.ts';

/** Key pairs and security groups. AWS: neither creating call takes a token, so a name that is taken is ours from a call whose answer was lost. */
export function sshAccess(aws: Connection): SshAccess {
  const ec2 = aws.client(EC2Client);

  async function networkOf(subnetId: string | undefined): Promise<string> {
    if (subnetId !== undefined) {
      const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
      if (Subnets[0]?.VpcId) return Subnets[0].VpcId;
    }
    const Filters = [{ Name: 'is-default', Values: ['true'] }];
    const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters }));
    if (Vpcs[0]?.VpcId) return Vpcs[0].VpcId;
    throw usageError('there is no default VPC in this region', 'Name a subnet in image.builder.subnets.');
  }

  return {
    async importKeyPair({ name, publicKey, tags }) {
      try {
        const { KeyPairId } = await ec2.send(
          new ImportKeyPairCommand({
            KeyName: name,
            PublicKeyMaterial: Buffer.from(publicKey),
            TagSpecifications: [{ ResourceType: 'key-pair', Tags: tagList(tags) }],
          }),
        );
        return KeyPairId!;
      } catch (error) {
        if (!failedWith(error, 'InvalidKeyPair.Duplicate')) throw error;
        const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand({ KeyNames: [name] }));
        return KeyPairs[0]!.KeyPairId!;
      }
    },

    async createSecurityGroup({ name, description, subnetId, port, source, tags }) {
      const VpcId = await networkOf(subnetId);
      let GroupId: string | undefined;
      try {
        const input: CreateSecurityGroupCommandInput = { GroupName: name, Description: description, VpcId };
        input.TagSpecifications = [{ ResourceType: 'security-group', Tags: tagList(tags) }];
        ({ GroupId } = await ec2.send(new CreateSecurityGroupCommand(input)));
      } catch (error) {
        if (!failedWith(error, 'InvalidGroup.Duplicate')) throw error;
        const Filters = [
          { Name: 'group-name', Values: [name] },
          { Name: 'vpc-id', Values: [VpcId] },
        ];
        const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
        GroupId = SecurityGroups[0]!.GroupId;
      }
      const ranges = source.includes(':')
        ? { Ipv6Ranges: [{ CidrIpv6: source }] }
        : { IpRanges: [{ CidrIp: source }] };
      const IpPermissions = [{ IpProtocol: 'tcp', FromPort: port, ToPort: port, ...ranges }];
      try {
        await aws.again(
          () => ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions })),
          (error) => failedWith(error, 'InvalidGroup.NotFound'),
        );
      } catch (error) {
        if (!failedWith(error, 'InvalidPermission.Duplicate')) throw error;
      }
      return GroupId!;
    },
  };
}
