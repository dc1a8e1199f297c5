import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import type { AlarmState, Alarms } from '../cloud.ts';
import type { Connection } from './connection.ts';

const STATES: Record<string, AlarmState['state']> = { OK: 'ok', ALARM: 'alarm' };

/** CloudWatch alarms, metric and composite ones. */
export function alarms(aws: Connection): Alarms {
  return {
    // AWS: at most 100 names in one request; an instance refresh takes 10.
    async states(AlarmNames) {
      if (AlarmNames.length === 0) return [];
      const command = new DescribeAlarmsCommand({
        AlarmNames,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      });
      const { MetricAlarms = [], CompositeAlarms = [] } = await aws.client(CloudWatchClient).send(command);
      return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName, StateValue }) => ({
        name: AlarmName!,
        state: STATES[StateValue ?? ''] ?? 'insufficient-data',
      }));
    },
  };
}
