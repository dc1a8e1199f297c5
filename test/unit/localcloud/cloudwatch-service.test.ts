import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListMetricsCommand,
  ListTagsForResourceCommand,
  PutCompositeAlarmCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/localcloud/engine/clock.ts';
import { startCloud, type TestCloud } from '../../helpers/cloud.ts';

const START = Date.UTC(2026, 0, 1);
const Dimensions = [{ Name: 'queue', Value: 'jobs' }];

describe('CloudWatch over its own client', () => {
  let cloud: TestCloud;
  let client: CloudWatchClient;
  let clock: VirtualClock;

  beforeEach(async () => {
    clock = new VirtualClock(START);
    cloud = await startCloud({ clock });
    client = new CloudWatchClient(cloud.client);
  });
  afterEach(async () => {
    client.destroy();
    await cloud.close();
  });

  const put = (Value: number, seconds = 0, MetricName = 'depth') =>
    client.send(
      new PutMetricDataCommand({
        Namespace: 'app',
        MetricData: [{ MetricName, Dimensions, Value, Timestamp: new Date(START + seconds * 1_000) }],
      }),
    );
  const window = { StartTime: new Date(START - 60_000), EndTime: new Date(START + 600_000) };
  const alarm = (more: Partial<PutMetricAlarmCommandInput> = {}) =>
    client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'deep',
        Namespace: 'app',
        MetricName: 'depth',
        Dimensions,
        Statistic: 'Average',
        Period: 60,
        EvaluationPeriods: 1,
        Threshold: 10,
        ComparisonOperator: 'GreaterThanThreshold',
        ...more,
      }),
    );

  it('what was put comes back as statistics per period', async () => {
    for (const [value, at] of [
      [1, 0],
      [3, 59],
      [10, 60],
    ] as const)
      await put(value, at);
    const { Datapoints, Label } = await client.send(
      new GetMetricStatisticsCommand({
        Namespace: 'app',
        MetricName: 'depth',
        Dimensions,
        ...window,
        Period: 60,
        Statistics: ['Average', 'Sum', 'Minimum', 'Maximum', 'SampleCount'],
        ExtendedStatistics: ['p90'],
      }),
    );
    expect(Label).toBe('depth');
    expect(Datapoints).toEqual([
      {
        Timestamp: new Date(START),
        Average: 2,
        Sum: 4,
        Minimum: 1,
        Maximum: 3,
        SampleCount: 2,
        ExtendedStatistics: { p90: 3 },
        Unit: 'None',
      },
      {
        Timestamp: new Date(START + 60_000),
        Average: 10,
        Sum: 10,
        Minimum: 10,
        Maximum: 10,
        SampleCount: 1,
        ExtendedStatistics: { p90: 10 },
        Unit: 'None',
      },
    ]);
  });

  it('metric math over several metrics comes back as series, newest first unless asked otherwise', async () => {
    await put(10, 0);
    await put(30, 60);
    await put(2, 0, 'workers');
    const stat = (Id: string, MetricName: string) => ({
      Id,
      MetricStat: { Metric: { Namespace: 'app', MetricName, Dimensions }, Period: 60, Stat: 'Sum' },
      ReturnData: false,
    });
    const request = {
      ...window,
      MetricDataQueries: [
        stat('d', 'depth'),
        stat('w', 'workers'),
        { Id: 'backlog', Expression: 'd / FILL(w, REPEAT)', Label: 'per worker' },
      ],
    };
    const newest = await client.send(new GetMetricDataCommand(request));
    expect(newest.MetricDataResults).toMatchObject([
      { Id: 'backlog', Label: 'per worker', Values: [15, 5], StatusCode: 'Complete' },
    ]);
    const oldest = await client.send(new GetMetricDataCommand({ ...request, ScanBy: 'TimestampAscending' }));
    expect(oldest.MetricDataResults?.[0]).toMatchObject({
      Timestamps: [new Date(START), new Date(START + 60_000)],
      Values: [5, 15],
    });
  });

  it('statistic sets and values with counts are summed up, also from a compressed body', async () => {
    await client.send(
      new PutMetricDataCommand({
        Namespace: 'app',
        MetricData: [
          {
            MetricName: 'depth',
            Dimensions,
            StatisticValues: { SampleCount: 4, Sum: 20, Minimum: 1, Maximum: 9 },
          },
          { MetricName: 'depth', Dimensions, Values: [1, 2], Counts: [3, 1] },
          ...Array.from({ length: 200 }, () => ({ MetricName: 'many', Value: 1, Dimensions })),
        ],
      }),
    );
    const sum = async (MetricName: string) =>
      (
        await client.send(
          new GetMetricStatisticsCommand({
            Namespace: 'app',
            MetricName,
            Dimensions,
            ...window,
            Period: 3600,
            Statistics: ['Sum'],
          }),
        )
      ).Datapoints?.[0]?.Sum;
    expect([await sum('depth'), await sum('many')]).toEqual([25, 200]);
  });

  it('metrics are listed by namespace, name and dimensions', async () => {
    await put(1);
    await put(1, 0, 'workers');
    const list = async (input: object) =>
      (await client.send(new ListMetricsCommand(input))).Metrics?.map(({ MetricName }) => MetricName);
    expect(await list({ Namespace: 'app' })).toEqual(['depth', 'workers']);
    expect(await list({ MetricName: 'workers', Dimensions: [{ Name: 'queue' }] })).toEqual(['workers']);
    expect(await list({ Dimensions: [{ Name: 'queue', Value: 'other' }] })).toEqual([]);
  });

  it('data that are no numbers, too old, or of the reserved namespaces are refused', async () => {
    const refused = (input: object) => expect(client.send(new PutMetricDataCommand(input as never))).rejects;
    await refused({ Namespace: 'AWS/EC2', MetricData: [{ MetricName: 'x', Value: 1 }] }).toMatchObject({
      name: 'InvalidParameterValueException',
      Code: 'InvalidParameterValue',
    });
    await refused({ Namespace: 'app', MetricData: [{ MetricName: 'x', Value: Number.NaN }] }).toMatchObject({
      Code: 'InvalidParameterValue',
    });
    await refused({
      Namespace: 'app',
      MetricData: [{ MetricName: 'x', Value: 1, Timestamp: new Date(0) }],
    }).toMatchObject({ Code: 'InvalidParameterValue' });
    await refused({ Namespace: 'app', MetricData: [{ MetricName: 'x' }] }).toMatchObject({
      name: 'MissingRequiredParameterException',
    });
  });

  it('an alarm keeps every field, follows its metric at its period, and writes history', async () => {
    await alarm({
      AlarmDescription: 'too deep',
      AlarmActions: ['arn:aws:sns:eu-central-1:000000000000:t'],
      TreatMissingData: 'notBreaching',
      Tags: [{ Key: 'a', Value: 'b' }],
      DatapointsToAlarm: 1,
      Unit: 'Count',
    });
    const described = async () =>
      (await client.send(new DescribeAlarmsCommand({ AlarmNames: ['deep'] }))).MetricAlarms?.[0];
    expect(await described()).toMatchObject({
      AlarmName: 'deep',
      AlarmDescription: 'too deep',
      ActionsEnabled: true,
      Unit: 'Count',
      TreatMissingData: 'notBreaching',
      DatapointsToAlarm: 1,
      Dimensions,
      Period: 60,
      Threshold: 10,
      Statistic: 'Average',
      StateUpdatedTimestamp: new Date(START),
      StateValue: 'OK',
    });
    await alarm();
    await put(50, 10);
    clock.advance(60_000);
    expect(await described()).toMatchObject({
      StateValue: 'ALARM',
      StateReason: 'Threshold Crossed: 1 datapoint [50] was greater than the threshold (10).',
      StateTransitionedTimestamp: new Date(START + 60_000),
    });
    await put(1, 70);
    clock.advance(60_000);
    expect(await described()).toMatchObject({ StateValue: 'OK' });
    clock.advance(240_000);
    expect(await described()).toMatchObject({ StateValue: 'INSUFFICIENT_DATA' });
    const { AlarmHistoryItems } = await client.send(
      new DescribeAlarmHistoryCommand({
        AlarmName: 'deep',
        HistoryItemType: 'StateUpdate',
        ScanBy: 'TimestampAscending',
      }),
    );
    expect(AlarmHistoryItems?.map(({ HistorySummary }) => HistorySummary)).toEqual([
      'Alarm updated from INSUFFICIENT_DATA to OK',
      'Alarm updated from OK to INSUFFICIENT_DATA',
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
      'Alarm updated from ALARM to OK',
      'Alarm updated from OK to INSUFFICIENT_DATA',
    ]);
  });

  it('an alarm of an expression is evaluated like any other', async () => {
    await client.send(
      new PutMetricAlarmCommand({
        AlarmName: 'backlog',
        EvaluationPeriods: 2,
        Threshold: 4,
        ComparisonOperator: 'GreaterThanOrEqualToThreshold',
        Metrics: [
          {
            Id: 'd',
            MetricStat: {
              Metric: { Namespace: 'app', MetricName: 'depth', Dimensions },
              Period: 60,
              Stat: 'Sum',
            },
            ReturnData: false,
          },
          { Id: 'e', Expression: 'd / 5' },
        ],
      }),
    );
    await put(30, 10);
    await put(20, 70);
    clock.advance(120_000);
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ StateValue: 'ALARM' }));
    expect(MetricAlarms?.[0]).toMatchObject({
      AlarmName: 'backlog',
      Metrics: [
        { Id: 'd', ReturnData: false },
        { Id: 'e', Expression: 'd / 5', ReturnData: true },
      ],
    });
  });

  it('a state set by hand lasts until the alarm is looked at again', async () => {
    await alarm();
    const state = async () =>
      (await client.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.StateValue;
    await put(1);
    clock.advance(1_000);
    await client.send(
      new SetAlarmStateCommand({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'by hand' }),
    );
    expect(await state()).toBe('ALARM');
    clock.advance(59_000);
    expect(await state()).toBe('ALARM');
    clock.advance(1_000);
    expect(await state()).toBe('OK');
    await expect(
      client.send(new SetAlarmStateCommand({ AlarmName: 'none', StateValue: 'OK', StateReason: '' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFound' });
  });

  it('a composite alarm follows its rule', async () => {
    await alarm();
    await alarm({ AlarmName: 'other' });
    await client.send(
      new PutCompositeAlarmCommand({
        AlarmName: 'both',
        AlarmRule: 'ALARM(deep) AND NOT (OK("other") OR FALSE)',
      }),
    );
    const state = async () =>
      (await client.send(new DescribeAlarmsCommand({ AlarmTypes: ['CompositeAlarm'] }))).CompositeAlarms?.[0]
        ?.StateValue;
    expect(await state()).toBe('OK');
    await client.send(new SetAlarmStateCommand({ AlarmName: 'deep', StateValue: 'ALARM', StateReason: 'x' }));
    expect(await state()).toBe('ALARM');
    await client.send(new SetAlarmStateCommand({ AlarmName: 'other', StateValue: 'OK', StateReason: 'x' }));
    expect(await state()).toBe('OK');
    for (const AlarmRule of ['ALARM(none)', 'ALARM(deep) AND', 'x'])
      await expect(
        client.send(new PutCompositeAlarmCommand({ AlarmName: 'bad', AlarmRule })),
      ).rejects.toMatchObject({ Code: 'ValidationError' });
  });

  it('alarms are found by prefix, state, action and metric, page by page, and are gone when deleted', async () => {
    for (const name of ['a1', 'a2', 'b1'])
      await alarm({ AlarmName: name, OKActions: [`arn:aws:sns:${name}`] });
    const names = async (input: object) =>
      (await client.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);
    expect(await names({ AlarmNamePrefix: 'a' })).toEqual(['a1', 'a2']);
    expect(await names({ ActionPrefix: 'arn:aws:sns:b' })).toEqual(['b1']);
    expect(await names({ StateValue: 'OK' })).toEqual([]);
    const { NextToken } = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
    expect(await names({ MaxRecords: 2, NextToken })).toEqual(['b1']);
    await expect(names({ NextToken: 'x' })).rejects.toMatchObject({ name: 'InvalidNextToken' });
    const { MetricAlarms } = await client.send(
      new DescribeAlarmsForMetricCommand({ Namespace: 'app', MetricName: 'depth', Dimensions }),
    );
    expect(MetricAlarms).toHaveLength(3);
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ['a1', 'b1', 'never'] }));
    expect(await names({})).toEqual(['a2']);
  });

  it('alarms have tags', async () => {
    await alarm({ Tags: [{ Key: 'team', Value: 'a' }] });
    const ResourceARN = (await client.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]
      ?.AlarmArn as string;
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
    await client.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'x', Value: 'y' }] }));
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['team'] }));
    expect(await tags()).toEqual([{ Key: 'x', Value: 'y' }]);
    await client.send(new DisableAlarmActionsCommand({ AlarmNames: ['deep'] }));
    expect((await client.send(new DescribeAlarmsCommand({}))).MetricAlarms?.[0]?.ActionsEnabled).toBe(false);
    await expect(
      client.send(new ListTagsForResourceCommand({ ResourceARN: 'arn:none' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('alarms that cannot be understood are refused', async () => {
    const refused = (more: object) => expect(alarm(more)).rejects;
    await refused({ Period: 45 }).toMatchObject({ Code: 'ValidationError' });
    await refused({ Statistic: undefined }).toMatchObject({ Code: 'ValidationError' });
    await refused({ DatapointsToAlarm: 2 }).toMatchObject({ Code: 'ValidationError' });
    await refused({ ComparisonOperator: 'GreaterThanUpperThreshold' }).toMatchObject({
      Code: 'ValidationError',
    });
    await refused({ MetricName: undefined }).toMatchObject({ Code: 'InvalidParameterCombination' });
    await refused({ MetricName: undefined, Metrics: [{ Id: 'e', Expression: '1 +' }] }).toMatchObject({
      Code: 'ValidationError',
    });
  });
});
