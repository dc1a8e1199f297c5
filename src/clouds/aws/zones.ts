import { DescribeAvailabilityZonesCommand, EC2Client } from '@aws-sdk/client-ec2';
import type { Connection } from './connection.ts';

/** The region's availability zones in which instances can be launched now, without Local and Wavelength Zones. */
export async function zones(aws: Connection): Promise<string[]> {
  const answer = await aws.client(EC2Client).send(new DescribeAvailabilityZonesCommand({}));
  return (answer.AvailabilityZones ?? [])
    .filter(
      ({ State, ZoneType = 'availability-zone' }) =>
        State === 'available' && ZoneType === 'availability-zone',
    )
    .map(({ ZoneName }) => ZoneName!)
    .sort();
}
