import { z } from 'zod';
import { durationDefault } from './values.ts';

const percentage = (low: number, high: number) => z.int().min(low).max(high);

export const rolloutSchema = z.strictObject({
  strategy: z.enum(['rolling']).default('rolling').describe('How instances are replaced.'),
  minHealthyPercentage: percentage(0, 100)
    .default(100)
    .describe('Capacity that must stay healthy, in per cent of desired.'),
  maxHealthyPercentage: percentage(100, 200)
    .default(110)
    .describe(
      'Most capacity during the rollout, in per cent of desired. Above 100 launches before it terminates.',
    ),
  checkpoints: z
    .array(percentage(1, 100))
    .default([])
    .refine((list) => list.every((value, i) => i === 0 || value > list[i - 1]!), 'ascending, each once')
    .describe('Percentages of the fleet at which the rollout waits and runs the smoke tests.'),
  checkpointDelay: durationDefault('5m').describe('How long the rollout waits at a checkpoint (up to 48h).'),
  skipMatching: z.boolean().default(true).describe('Leave instances that already run the new version.'),
  autoRollback: z
    .boolean()
    .default(true)
    .describe('Let the cloud roll back by itself when the refresh fails or an alarm goes off.'),
  alarms: z.array(z.string()).max(10).default([]).describe('CloudWatch alarms that fail the rollout.'),
  soak: durationDefault('0s').describe(
    'How long the finished rollout is watched before it counts (AWS: bake time, up to 48h).',
  ),
  scaleInProtected: z
    .enum(['refresh', 'ignore', 'wait'])
    .default('refresh')
    .describe('What happens to instances protected from scale-in.'),
  standby: z
    .enum(['terminate', 'ignore', 'wait'])
    .default('ignore')
    .describe('What happens to instances in standby.'),
  progressDeadline: durationDefault('15m').describe(
    'Without any progress for this long, the rollout is rolled back.',
  ),
  deadline: durationDefault('6h').describe('The whole rollout may take this long.'),
});

export const smokeSchema = z.strictObject({
  sqs: z
    .strictObject({
      queue: z.string().describe('Name or URL of the queue that the fleet works from.'),
      message: z
        .string()
        .describe(
          'Body of the test message. ${smoke.id} is replaced by its unique mark, which the worker has to log.',
        ),
      logGroup: z
        .string()
        .describe(
          'CloudWatch Logs group where workers log the mark; the stream name must contain the instance id.',
        ),
      timeout: durationDefault('2m').describe(
        'How long until an instance of the new release must have processed a test message.',
      ),
      resendEvery: durationDefault('5s').describe(
        'While old and new instances share the queue an old one may take the message: another is sent after this time.',
      ),
    })
    .optional()
    .describe('Sends a marked message and proves which instance processed it.'),
  logs: z
    .strictObject({
      group: z
        .string()
        .describe('CloudWatch Logs group of the workers; stream names must contain the instance id.'),
      errorPattern: z
        .string()
        .default('?ERROR ?Error ?Traceback ?FATAL')
        .describe('Filter pattern (CloudWatch Logs) of an error.'),
      tolerated: z.int().min(0).default(0).describe('This many matching lines are accepted.'),
      settle: durationDefault('10s').describe(
        'How long to watch before saying that there were none (logs arrive late).',
      ),
    })
    .optional()
    .describe('Looks for errors in the log streams of the new instances only, since the rollout began.'),
});
