import { z } from 'zod';
import { duration, durationDefault } from './values.ts';

/** Names in files become parts of names in the cloud. */
const name = z.string().regex(/^[A-Za-z0-9-]{1,60}$/, 'letters, digits and hyphens, at most 60');

const metric = z.strictObject({
  namespace: z.string().describe('Namespace of the metric, for example AWS/SQS.'),
  name: z.string().describe('Name of the metric.'),
  dimensions: z
    .record(z.string(), z.string())
    .default({})
    .describe('Dimensions. `${group}` is the name of the scaling group.'),
  statistic: z
    .string()
    .default('Average')
    .describe('How values of a period are summed up: Average, Sum, Minimum, Maximum, SampleCount, or p99.'),
});

/** A lower-case first letter is what CloudWatch asks of ids. */
const metricId = z
  .string()
  .regex(/^[a-z][A-Za-z0-9_]*$/, 'a name of letters, digits and _ that begins with a lower-case letter')
  .refine((id) => id !== 'result', 'another name: the result of the expression is called that');

const watched = z
  .union([
    metric,
    z.strictObject({
      expression: z
        .string()
        .describe('Metric math over `metrics`, for example visible / IF(instances > 0, instances, 1).'),
      metrics: z.record(metricId, metric).describe('The metrics that the expression names.'),
    }),
  ])
  .describe('What is watched: one metric, or an expression over several.');

const warmup = duration
  .optional()
  .describe('A new instance does not count before this. Default: the warmup of the fleet.');

const targetTracking = z
  .strictObject({
    metric: watched,
    target: z.number().positive().describe('The value that the metric is kept near.'),
    scaleIn: z.boolean().default(true).describe('Also take instances away when the metric is far below.'),
  })
  .describe('Keeps a metric near a target. The cloud makes the alarms.');

const stepScaling = z
  .strictObject({
    metric: watched,
    when: z
      .enum(['above', 'below'])
      .default('above')
      .describe('The alarm goes off at the value of the first step, and `above` it or `below` it.'),
    period: durationDefault('1m').describe('Length of a period: 10s, 20s, 30s, or whole minutes.'),
    periods: z.int().min(1).default(1).describe('How many periods the alarm looks back.'),
    datapoints: z
      .int()
      .min(1)
      .optional()
      .describe('How many of those periods have to be beyond the value. Default: all.'),
    missingData: z
      .enum(['missing', 'ignore', 'breaching', 'not-breaching'])
      .default('missing')
      .describe('What a period without data counts as.'),
    adjust: z
      .enum(['percent', 'instances', 'exact'])
      .default('percent')
      .describe('What `by` means: per cent of the capacity, instances, or the capacity itself.'),
    atLeast: z.int().min(1).optional().describe('The least change that a percentage makes, in instances.'),
    steps: z
      .array(
        z.strictObject({
          from: z.number().describe('Value of the metric at which the step begins.'),
          by: z.int().describe('The change: 50, or -10.'),
        }),
      )
      .min(1)
      .describe('What is done, the further the metric is beyond the alarm.'),
  })
  .superRefine(checkSteps)
  .describe('Adds or removes instances step by step when an alarm goes off. bake makes the alarm.');

interface Steps {
  when: 'above' | 'below';
  steps: { from: number }[];
  adjust: string;
  atLeast?: number;
  period: number;
  periods: number;
  datapoints?: number;
}

function checkSteps(policy: Steps, context: z.RefinementCtx): void {
  const { when, steps, adjust, atLeast, period, periods, datapoints = periods } = policy;
  const expect = (holds: boolean, path: (string | number)[], message: string) => {
    if (!holds) context.addIssue({ code: 'custom', path, message });
  };
  expect(
    [10, 20, 30].includes(period / 1_000) || (period > 0 && period % 60_000 === 0),
    ['period'],
    '10s, 20s, 30s or whole minutes',
  );
  expect(datapoints <= periods, ['datapoints'], 'at most as many as periods');
  expect(atLeast === undefined || adjust === 'percent', ['atLeast'], 'it only with adjust: percent');
  const sign = when === 'above' ? 1 : -1;
  steps.forEach(({ from }, index) => {
    const before = steps[index - 1]?.from ?? Number.NEGATIVE_INFINITY * sign;
    expect(sign * from > sign * before, ['steps', index, 'from'], `steps one ${when} the other`);
  });
}

const capacity = z.int().min(0).optional();

const schedule = z
  .strictObject({
    recurrence: z
      .string()
      .regex(/^\S+( +\S+){4}$/, 'five fields of cron, such as 0 8 * * 1-5')
      .describe('When: minute, hour, day of month, month, day of week (0 8 * * 1-5).'),
    timeZone: z
      .string()
      .default('UTC')
      .refine(isTimeZone, 'a time zone such as Asia/Tokyo')
      .describe('Time zone of `recurrence`, for example Asia/Tokyo. Summer time is followed.'),
    min: capacity.describe('Fewest instances from then on.'),
    max: capacity.describe('Most instances from then on.'),
    desired: capacity.describe('Instances at that moment.'),
  })
  .refine(
    ({ min, max, desired }) => [min, max, desired].some((size) => size !== undefined),
    'min, max or desired',
  )
  .describe('Changes the sizes of the fleet at recurring times.');

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

/** A scaling file, after its variables are filled in. Every key is documented here, where it is defined. */
export const scalingFileSchema = z
  .strictObject({
    description: z.string().optional().describe('What the file is for.'),
    variables: z
      .record(
        z.string().regex(/^[A-Za-z0-9_-]+$/, 'letters, digits, _ and -'),
        z.strictObject({
          description: z.string().optional().describe('What it is for.'),
          default: z.string().optional().describe('Its value where fleet.scaling gives none.'),
        }),
      )
      .default({})
      .describe('Variables of the file, used as ${vars.NAME}.'),
    policies: z
      .record(
        name,
        z.union([z.strictObject({ targetTracking, warmup }), z.strictObject({ stepScaling, warmup })]),
      )
      .default({})
      .describe('Scaling policies by name.'),
    schedules: z.record(name, schedule).default({}).describe('Scheduled changes by name.'),
  })
  .meta({ title: 'bake scaling file' });

export type ScalingFile = z.output<typeof scalingFileSchema>;
export type PolicyConfig = ScalingFile['policies'][string];
export type ScheduleConfig = z.output<typeof schedule>;
