import { CloudWatchClient, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { systemClock } from '../../run/clock.ts';
import type { Surroundings } from '../cloud.ts';
import type { OpenCloudOptions } from '../options.ts';
import { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** What a rehearsal on the local cloud has around it. */
export function openSurroundings(options: OpenCloudOptions & { region: string; local: true }): Surroundings {
  const { clock = systemClock } = options;
  const aws = new Connection({ ...options, clock });
  const watch = aws.client(CloudWatchClient);

  async function targetGroup(name: string, target: { port: number; path: string }): Promise<string> {
    const { TargetGroups } = await aws.client(ElasticLoadBalancingV2Client).send(
      new CreateTargetGroupCommand({
        Name: name,
        Protocol: 'HTTP',
        Port: target.port,
        HealthCheckPath: target.path,
        HealthyThresholdCount: 2,
      }),
    );
    return TargetGroups?.[0]?.TargetGroupArn ?? '';
  }

  return {
    async logGroup(name) {
      const command = new CreateLogGroupCommand({ logGroupName: name });
      await unlessThere(aws.client(CloudWatchLogsClient).send(command), 'ResourceAlreadyExistsException');
    },

    async bucket(name) {
      const command = new CreateBucketCommand({ Bucket: name });
      await unlessThere(aws.client(S3Client).send(command), 'BucketAlreadyOwnedByYou');
    },

    async alarm(name) {
      await watch.send(
        new PutMetricAlarmCommand({
          ...{ AlarmName: name, Namespace: 'bake/rehearsal', MetricName: name, Statistic: 'Maximum' },
          ...{ Period: 60, EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' },
          // Nothing is measured: it stays as it is set.
          TreatMissingData: 'ignore',
        }),
      );
      await this.setAlarm(name, 'ok');
    },

    async setAlarm(AlarmName, state) {
      const StateValue = state === 'ok' ? 'OK' : 'ALARM';
      await watch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'rehearsal' }));
    },

    async balance(fronts, target) {
      const elb = aws.client(ElasticLoadBalancingV2Client);
      const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name: 'rehearsal' }));
      const names = new Map<string, string>();
      for (const [index, { targetGroups }] of fronts.entries()) {
        const arns: string[] = [];
        for (const name of targetGroups) arns.push(await targetGroup(nameIn(name), target));
        for (const name of targetGroups) names.set(name, nameIn(name));
        const TargetGroups = arns.map((TargetGroupArn, at) => ({
          TargetGroupArn,
          Weight: at === 0 ? 100 : 0,
        }));
        await elb.send(
          new CreateListenerCommand({
            ...{ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn, Protocol: 'HTTP', Port: 80 + index },
            DefaultActions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }],
          }),
        );
      }
      return names;
    },

    close: () => aws.close(),
  };
}

/** `arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID`, or the name itself. */
const nameIn = (nameOrArn: string): string => /:targetgroup\/([^/]+)\//.exec(nameOrArn)?.[1] ?? nameOrArn;

async function unlessThere(made: Promise<unknown>, code: string): Promise<void> {
  try {
    await made;
  } catch (error) {
    if (!failedWith(error, code)) throw error;
  }
}
