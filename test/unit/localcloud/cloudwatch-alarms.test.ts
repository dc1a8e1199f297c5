import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import {
  type AlarmSpec,
  alarmActions,
  alarms,
  putAlarm,
} from '../../../src/localcloud/engine/cloudwatch/alarms.ts';
import { installCloudWatch } from '../../../src/localcloud/engine/cloudwatch/index.ts';
import { metricValue, putMetric } from '../../../src/localcloud/engine/cloudwatch/metrics.ts';
import { verdict } from '../../../src/localcloud/engine/cloudwatch/verdict.ts';
import type { Engine } from '../../../src/localcloud/engine/engine.ts';
import { createQueue } from '../../../src/localcloud/engine/queues/queues.ts';
import { installQueues } from '../../../src/localcloud/engine/queues/waiters.ts';
import { cloudWatchService } from '../../../src/localcloud/wire/cloudwatch/index.ts';
import { startCloud } from '../../helpers/cloud.ts';

const MINUTE = 60_000;
const POLICY =
  'arn:aws:autoscaling:eu-central-1:000000000000:scalingPolicy:x:autoScalingGroupName/g:policyName/p';

/** Source: CloudWatch user guide, "Configuring how CloudWatch alarms treat missing data": 0 is well, X breaches, - is missing. */
describe('missing data are treated as the tables of the user guide say', () => {
  const periods = (pattern: string) =>
    [...pattern.replaceAll(' ', '')].map((sign) => (sign === '-' ? undefined : sign === 'X' ? 9 : 0));
  const verdicts = (pattern: string, datapointsToAlarm: number) =>
    (['missing', 'ignore', 'breaching', 'notBreaching'] as const).map((treatMissingData) =>
      verdict(
        {
          evaluationPeriods: 3,
          datapointsToAlarm,
          threshold: 5,
          comparison: 'GreaterThanThreshold',
          treatMissingData,
        },
        periods(pattern),
      ),
    );

  it.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', undefined, 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', undefined, 'ALARM', 'OK']],
    ['- - - - X', [undefined, undefined, 'ALARM', 'OK']],
  ])('3 of 3: %s', (pattern, expected) => {
    expect(verdicts(pattern, 3)).toEqual(expected);
  });

  it.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', undefined, 'ALARM', 'OK']],
  ])('2 of 3: %s', (pattern, expected) => {
    expect(verdicts(pattern, 2)).toEqual(expected);
  });
});

/** So that nobody takes the actions away. */
function withoutAutoScaling(engine: Engine) {
  installQueues(engine);
  installCloudWatch(engine);
  return [cloudWatchService()];
}

describe('alarms act', () => {
  let clock: VirtualClock;
  let engine: Engine;

  const open = async (speed = 1) => {
    clock = new VirtualClock();
    engine = (await startCloud({ clock, speed, services: withoutAutoScaling })).engine;
  };
  beforeEach(() => open());

  const put = (value: number) =>
    putMetric(engine, { namespace: 'app', name: 'depth', dimensions: {}, value });
  const alarm = (more: Partial<AlarmSpec> = {}) => {
    putAlarm(engine, {
      name: 'deep',
      metric: { namespace: 'app', name: 'depth', dimensions: {}, statistic: 'Average', periodSeconds: 60 },
      evaluationPeriods: 1,
      threshold: 10,
      comparison: 'GreaterThanThreshold',
      alarmActions: [POLICY, 'arn:aws:sns:eu-central-1:000000000000:topic'],
      ...more,
    });
    engine.settle();
  };

  it('a policy is asked once per period as long as the alarm lasts; what nobody does is not kept', async () => {
    alarm();
    for (const [value, asked] of [
      [50, 1],
      [60, 2],
      [70, 3],
      [1, 3],
    ] as const) {
      put(value);
      clock.advance(MINUTE);
      expect(alarmActions(engine).size).toBe(asked);
    }
    expect(alarmActions(engine).all()[1]).toEqual({
      id: expect.any(String),
      actionArn: POLICY,
      alarmName: 'deep',
      state: 'ALARM',
      value: 60,
      threshold: 10,
      at: clock.now() - 2 * MINUTE,
    });
  });

  it('an alarm whose actions are off only changes its state', () => {
    alarm({ actionsEnabled: false });
    put(50);
    clock.advance(MINUTE);
    expect(alarms(engine).get('deep')?.state).toBe('ALARM');
    expect(alarmActions(engine).size).toBe(0);
  });

  it('a state set by hand gives policies the value that its data name', async () => {
    const cloud = await startCloud({ clock, services: withoutAutoScaling });
    engine = cloud.engine;
    alarm();
    const client = new CloudWatchClient(cloud.client);
    const set = (StateReasonData: string) =>
      client.send(
        new SetAlarmStateCommand({
          AlarmName: 'deep',
          StateValue: 'ALARM',
          StateReason: 'x',
          StateReasonData,
        }),
      );
    await set('{"recentDatapoints":[1,25]}');
    expect(alarmActions(engine).all()).toMatchObject([{ actionArn: POLICY, value: 25 }]);
    await expect(set('{')).rejects.toMatchObject({ name: 'InvalidFormatFault' });
    client.destroy();
    await cloud.close();
  });

  it('speed shortens periods', async () => {
    await open(60);
    alarm();
    put(50);
    clock.advance(1_000);
    expect(alarms(engine).get('deep')?.state).toBe('ALARM');
  });

  it("SQS publishes each queue's depth once a minute, as soon and as long as somebody asks", () => {
    createQueue(engine, 'jobs', {}, {});
    engine.settle();
    const visible = () =>
      metricValue(
        engine,
        {
          namespace: 'AWS/SQS',
          name: 'ApproximateNumberOfMessagesVisible',
          dimensions: { QueueName: 'jobs' },
          statistic: 'Average',
        },
        { start: clock.now() - MINUTE, end: clock.now(), periodSeconds: 60 },
      );
    clock.advance(10 * MINUTE);
    expect(visible()).toBeUndefined();
    engine.settle();
    clock.advance(1_000);
    expect(visible()).toBe(0);
    const published = () => engine.store.table('metrics').size;
    expect(published()).toBe(4);
    clock.advance(60 * MINUTE);
    expect(visible()).toBeUndefined();
  });

  it('an alarm on the depth of a queue goes off when messages wait', () => {
    createQueue(engine, 'jobs', {}, {});
    alarm({
      metric: undefined,
      metrics: [
        {
          Id: 'm',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/SQS',
              MetricName: 'ApproximateNumberOfMessagesVisible',
              Dimensions: [{ Name: 'QueueName', Value: 'jobs' }],
            },
            Period: 60,
            Stat: 'Maximum',
          },
          ReturnData: false,
        },
        { Id: 'e', Expression: 'm + 11' },
      ],
    });
    clock.advance(3 * MINUTE);
    expect(alarms(engine).get('deep')?.state).toBe('ALARM');
  });
});
