import { hasCapacity } from '../../../engine/ec2/capacity.ts';
import { subnets, zones } from '../../../engine/ec2/network.ts';
import type { Operation } from '../../service.ts';
import { inward, outward } from '../ids.ts';
import { carries, pageOf, utc } from './input.ts';

const DescribeVSwitches: Operation = (input, { engine }) => {
  const [id, vpc, zone] = [input.text('VSwitchId'), input.text('VpcId'), input.text('ZoneId')];
  const wanted = id?.split(',').map(inward);
  const found = subnets(engine).filter(
    (subnet) =>
      (wanted === undefined || wanted.includes(subnet.subnetId)) &&
      (vpc === undefined || subnet.vpcId === vpc) &&
      (zone === undefined || subnet.zone === zone) &&
      carries(subnet.tags, input),
  );
  const { items, view } = pageOf(input, found, 50);
  const { NextToken: _, ...page } = view;
  return {
    ...page,
    VSwitches: {
      VSwitch: items.map((subnet) => ({
        VSwitchId: outward(subnet.subnetId),
        VpcId: subnet.vpcId,
        ZoneId: subnet.zone,
        CidrBlock: subnet.cidr,
        Status: 'Available',
        IsDefault: subnet.isDefault,
        AvailableIpAddressCount: 251,
        VSwitchName: '',
        Description: '',
        CreationTime: utc(engine.clock.now()),
      })),
    },
  };
};

const DescribeZones: Operation = (_, { engine }) => ({
  Zones: {
    Zone: zones(engine).map((ZoneId) => ({ ZoneId, LocalName: ZoneId, ZoneType: 'AvailabilityZone' })),
  },
});

/** What can be had where. Nothing is said of a type that nobody has limited: it is there. */
const DescribeAvailableResource: Operation = (input, { engine, region }) => {
  const type = input.require('InstanceType');
  const zone = input.text('ZoneId');
  return {
    AvailableZones: {
      AvailableZone: zones(engine)
        .filter((one) => zone === undefined || one === zone)
        .map((ZoneId) => {
          const [Status, StatusCategory] = hasCapacity(engine, type, ZoneId)
            ? ['Available', 'WithStock']
            : ['SoldOut', 'WithoutStock'];
          const SupportedResource = [{ Value: type, Status, StatusCategory }];
          return {
            RegionId: region,
            ZoneId,
            Status,
            StatusCategory,
            AvailableResources: {
              AvailableResource: [{ Type: 'InstanceType', SupportedResources: { SupportedResource } }],
            },
          };
        }),
    },
  };
};

export const networkOperations: Record<string, Operation> = {
  DescribeVSwitches,
  DescribeZones,
  DescribeAvailableResource,
};
