import {
  AutoScalingClient,
  DeletePolicyCommand,
  DeleteScheduledActionCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  paginateDescribePolicies,
  paginateDescribeScheduledActions,
} from '@aws-sdk/client-auto-scaling';
import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmsCommand,
  type MetricAlarm,
  PutMetricAlarmCommand,
} from '@aws-sdk/client-cloudwatch';
import { messageOf } from '../../run/errors.ts';
import type { Scaling, ScalingPolicy, ScalingSchedule } from '../cloud.ts';
import { inBatches } from './batches.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { failedWith } from './errors.ts';
import { alarmRequest, policyRequest, scheduleRequest } from './scaling-request.ts';
import { toPolicy, toSchedule } from './scaling-view.ts';

/** CloudWatch: most names in one DescribeAlarms or DeleteAlarms. */
const MOST_ALARMS = 100;

/** Scaling policies with their CloudWatch alarms, and scheduled actions. */
export function scaling(aws: Connection): Scaling {
  const client = aws.client(AutoScalingClient);

  async function alarmsNamed(names: string[]): Promise<MetricAlarm[]> {
    const found: MetricAlarm[] = [];
    for (const AlarmNames of inBatches(names, MOST_ALARMS)) {
      const command = new DescribeAlarmsCommand({ AlarmNames, AlarmTypes: ['MetricAlarm'] });
      found.push(...((await aws.client(CloudWatchClient).send(command)).MetricAlarms ?? []));
    }
    return found;
  }

  /** What is gone is removed: by our own earlier attempt whose answer was lost, or by somebody else. */
  async function remove(send: () => Promise<unknown>): Promise<void> {
    try {
      await whileBusy(aws, send);
    } catch (error) {
      if (!failedWith(error, 'ValidationError') || !/not found/i.test(messageOf(error))) throw error;
    }
  }

  return {
    async policies(group) {
      const found = [];
      for await (const page of paginateDescribePolicies({ client }, { AutoScalingGroupName: group }))
        found.push(...(page.ScalingPolicies ?? []));
      // The alarms of target tracking are the cloud's own.
      const stepping = found.filter(({ PolicyType }) => PolicyType === 'StepScaling');
      const alarms = await alarmsNamed(
        stepping.flatMap(({ Alarms = [] }) => Alarms.map(({ AlarmName }) => AlarmName!)),
      );
      return found.map((policy): ScalingPolicy => toPolicy(policy, alarms));
    },

    async putPolicy(group, policy, alarmTags) {
      const command = new PutScalingPolicyCommand(policyRequest(group, policy));
      const { PolicyARN } = await whileBusy(aws, () => client.send(command));
      if (policy.rule.kind !== 'step') return;
      for (const alarm of policy.rule.alarms) {
        const request = alarmRequest(alarm, PolicyARN!, alarmTags);
        await aws.client(CloudWatchClient).send(new PutMetricAlarmCommand(request));
      }
    },

    removePolicy: (AutoScalingGroupName, PolicyName) =>
      remove(() => client.send(new DeletePolicyCommand({ AutoScalingGroupName, PolicyName }))),

    async removeAlarms(names) {
      // CloudWatch deletes none of a list with an unknown name: one by one, what is gone is no hindrance.
      for (const name of names) {
        try {
          await aws.client(CloudWatchClient).send(new DeleteAlarmsCommand({ AlarmNames: [name] }));
        } catch (error) {
          if (!failedWith(error, 'ResourceNotFound')) throw error;
        }
      }
    },

    async schedules(AutoScalingGroupName) {
      const found: ScalingSchedule[] = [];
      for await (const page of paginateDescribeScheduledActions({ client }, { AutoScalingGroupName }))
        found.push(...(page.ScheduledUpdateGroupActions ?? []).map(toSchedule));
      return found;
    },

    async putSchedule(group, schedule) {
      const command = new PutScheduledUpdateGroupActionCommand(scheduleRequest(group, schedule));
      await whileBusy(aws, () => client.send(command));
    },

    removeSchedule: (AutoScalingGroupName, ScheduledActionName) =>
      remove(() =>
        client.send(new DeleteScheduledActionCommand({ AutoScalingGroupName, ScheduledActionName })),
      ),
  };
}
