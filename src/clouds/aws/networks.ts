import {
  type SecurityGroup as AwsSecurityGroup,
  EC2Client,
  type IpPermission,
  paginateDescribeSecurityGroups,
} from '@aws-sdk/client-ec2';
import type { Networks, OutboundRule, SecurityGroup } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { describeExisting } from './describe.ts';

/** Services that a queue worker needs, by the names in their endpoints. */
const SERVICES = ['sqs', 'logs'];

/** VPC security groups, and where the services are. */
export function networks(aws: Connection, at: { region: string; endpoint?: string }): Networks {
  const ec2 = aws.client(EC2Client);

  async function describe(GroupIds: string[]): Promise<SecurityGroup[]> {
    const found: SecurityGroup[] = [];
    for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: ec2 }, { GroupIds }))
      found.push(...SecurityGroups.map(toSecurityGroup));
    return found;
  }

  return {
    securityGroups: (ids) => describeExisting(ids, ['InvalidGroup.NotFound'], describe),

    async serviceEndpoints() {
      if (at.endpoint !== undefined) return [hostAndPort(at.endpoint)];
      const domain = at.region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
      return SERVICES.map((service) => `${service}.${at.region}.${domain}:443`);
    },
  };
}

function hostAndPort(endpoint: string): string {
  const { hostname, port, protocol } = new URL(endpoint);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

const toSecurityGroup = ({ GroupId = '', GroupName = '', IpPermissionsEgress = [] }: AwsSecurityGroup) => ({
  id: GroupId,
  name: GroupName,
  outbound: IpPermissionsEgress.map(toRule),
});

function toRule({ IpProtocol, FromPort, ToPort, ...peers }: IpPermission): OutboundRule {
  const { IpRanges = [], Ipv6Ranges = [], UserIdGroupPairs = [], PrefixListIds = [] } = peers;
  const to = [
    ...IpRanges.map(({ CidrIp }) => CidrIp),
    ...Ipv6Ranges.map(({ CidrIpv6 }) => CidrIpv6),
    ...UserIdGroupPairs.map(({ GroupId }) => GroupId),
    ...PrefixListIds.map(({ PrefixListId }) => PrefixListId),
  ];
  return {
    protocol: IpProtocol === '-1' || IpProtocol === undefined ? 'all' : IpProtocol,
    fromPort: FromPort,
    toPort: ToPort,
    to: to.filter((peer) => peer !== undefined),
  };
}
