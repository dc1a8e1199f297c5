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

const DescribeRegions: Operation = (input, { engine }) => {
  const names = input.list('RegionName');
  const unknown = names.find((name) => name !== engine.region);
  if (unknown !== undefined) {
    throw new ServiceError('InvalidParameterValue', `Invalid region: [${unknown}]`);
  }
  const found = filtered(input, [{ name: engine.region }], {
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

export const zoneOperations: Record<string, Operation> = { DescribeAvailabilityZones, DescribeRegions };
