import { usageError } from '../../run/errors.ts';
import type { SshAccess } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith, isNotFound } from './errors.ts';
import { tagList } from './tags.ts';

/** Key pairs and security groups. A key pair has no id besides its name. */
export function sshAccess(ali: Connection): SshAccess {
  async function networkOf(subnetId: string | undefined): Promise<string> {
    const { VSwitches } = await ali.call<{
      VSwitches?: { VSwitch?: { VpcId: string; IsDefault?: boolean }[] };
    }>('ecs', 'DescribeVSwitches', { VSwitchId: subnetId, PageSize: 50 });
    const found = VSwitches?.VSwitch ?? [];
    const one = subnetId === undefined ? found.find(({ IsDefault }) => IsDefault) : found[0];
    if (one) return one.VpcId;
    throw usageError('there is no default VPC in this region', 'Name a vSwitch in image.builder.subnets.');
  }

  async function existingGroup(SecurityGroupName: string, VpcId: string): Promise<string | undefined> {
    const query = { SecurityGroupName, VpcId };
    const { SecurityGroups } = await ali.call<{
      SecurityGroups?: { SecurityGroup?: { SecurityGroupId: string }[] };
    }>('ecs', 'DescribeSecurityGroups', query);
    return SecurityGroups?.SecurityGroup?.[0]?.SecurityGroupId;
  }

  return {
    async importKeyPair({ name, publicKey, tags }) {
      const query = { KeyPairName: name, PublicKeyBody: publicKey, Tag: tagList(tags) };
      try {
        await ali.call('ecs', 'ImportKeyPair', query);
      } catch (error) {
        // Our own, from a call whose answer was lost.
        if (!failedWith(error, 'KeyPair.AlreadyExist')) throw error;
      }
      return name;
    },

    async createSecurityGroup({ name, description, subnetId, port, source, tags }) {
      const VpcId = await networkOf(subnetId);
      let id: string | undefined;
      try {
        const answer = await ali.call<{ SecurityGroupId: string }>('ecs', 'CreateSecurityGroup', {
          ClientToken: name.slice(-64),
          SecurityGroupName: name,
          Description: description.slice(0, 256),
          VpcId,
          Tag: tagList(tags),
        });
        id = answer.SecurityGroupId;
      } catch (error) {
        if (!failedWith(error, 'InvalidSecurityGroupName.Duplicate')) throw error;
        id = await existingGroup(name, VpcId);
      }
      const SecurityGroupId = id!;
      await ali.again(
        () =>
          ali.call('ecs', 'AuthorizeSecurityGroup', {
            SecurityGroupId,
            IpProtocol: 'tcp',
            PortRange: `${port}/${port}`,
            SourceCidrIp: source,
            Policy: 'accept',
          }),
        isNotFound,
      );
      return SecurityGroupId;
    },
  };
}
