import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import type { TestCloud } from './cloud.ts';

/** A CloudWatch alarm in a state, as somebody has made it for the fleet. */
export async function putAlarm({ client }: TestCloud, AlarmName: string, StateValue: 'OK' | 'ALARM' = 'OK') {
  const cloudWatch = new CloudWatchClient(client);
  try {
    await cloudWatch.send(
      new PutMetricAlarmCommand({
        AlarmName,
        Namespace: 'testing',
        MetricName: 'errors',
        Statistic: 'Sum',
        Period: 3_600,
        EvaluationPeriods: 1,
        Threshold: 1,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'ignore',
      }),
    );
    await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'set by hand' }));
  } finally {
    cloudWatch.destroy();
  }
}
