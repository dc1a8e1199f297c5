import { zones } from '../../engine/ec2/network.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';

/** `euc1-az1`: the region's parts by their first letters, then the zone's number. */
export function zoneId(engine: Engine, zone: string): string {
  const [area = '', direction = '', number = ''] = engine.region.split('-');
  return `${area}${direction.charAt(0)}${number}-az${zones(engine).indexOf(zone) + 1}`;
}

const DescribeAvailabilityZones: Operation = (input, { engine }) => {
  const names = input.list('ZoneName');
  const all = zones(engine).map((zone) => ({ zone, id: zoneId(engine, zone) }));
  const unknown = names.find((name) => !all.some(({ zone }) => zone === name));
  if (unknown !== undefined) {
    throw new ServiceError('InvalidParameterValue', `Invalid availability zone: [${unknown}]`);
  }
  const ids = input.list('ZoneId');
  const asked = all.filter(
    ({ zone, id }) => (names.length === 0 || names.includes(zone)) && (ids.length === 0 || ids.includes(id)),
  );
  const found = filtered(input, asked, {
    'zone-name': ({ zone }) => zone,
    'zone-id': ({ id }) => id,
    'region-name': () => engine.region,
    state: () => 'available',
    'zone-type': () => 'availability-zone',
    'opt-in-status': () => 'opt-in-not-required',
    'group-name': () => engine.region,
    'group-long-name': () => undefined,
    message: () => undefined,
    'parent-zone-id': () => undefined,
    'parent-zone-name': () => undefined,
  });
  return {
    availabilityZoneInfo: found.map(({ zone, id }) => ({
      zoneName: zone,
      zoneId: id,
      zoneState: 'available',
      zoneType: 'availability-zone',
      regionName: engine.region,
      groupName: engine.region,
      networkBorderGroup: engine.region,
      optInStatus: 'opt-in-not-required',
      messageSet: [],
    })),
  };
};

/** Those that every account has, without opting in. Source: AWS regions documentation. */
const REGIONS = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
];

const DescribeRegions: Operation = (input, { engine }) => {
  const all = [...new Set([...REGIONS, engine.region])].sort();
  const names = input.list('RegionName');
  const unknown = names.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new ServiceError('InvalidParameterValue', `Invalid region: [${unknown}]`);
  }
  const asked = all.filter((name) => names.length === 0 || names.includes(name)).map((name) => ({ name }));
  const found = filtered(input, asked, {
    'region-name': ({ name }) => name,
    endpoint: ({ name }) => `ec2.${name}.amazonaws.com`,
    'opt-in-status': () => 'opt-in-not-required',
  });
  return {
    regionInfo: found.map(({ name }) => ({
      regionName: name,
      regionEndpoint: `ec2.${name}.amazonaws.com`,
      optInStatus: 'opt-in-not-required',
    })),
  };
};

export const zoneOperations: Record<string, Operation> = { DescribeAvailabilityZones };
export const regionOperations: Record<string, Operation> = { DescribeRegions };
