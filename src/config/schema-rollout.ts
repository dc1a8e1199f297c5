import { z } from 'zod';
import { durationDefault } from './values.ts';

const percentage = (low: number, high: number) => z.int().min(low).max(high);

export const rolloutSchema = z.strictObject({
  strategy: z
    .enum(['rolling', 'blue-green', 'in-place'])
    .default('rolling')
    .describe(
      'How instances are replaced: `rolling` (instance refresh), `blue-green` (a second group beside the first), or not at all: `in-place` (releases on the servers of `inPlace`).',
    ),
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
  checkpointDelay: durationDefault('1m').describe(
    'How long the rollout waits at a checkpoint at least (up to 48h); it is held there for as long as its smoke tests take.',
  ),
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
  onInterrupt: z
    .enum(['ask', 'rollback', 'leave', 'cancel'])
    .default('ask')
    .describe(
      'What Ctrl-C does: `ask` (without a terminal: rollback), `rollback`, `leave` it running in the cloud, or `cancel` it where it is.',
    ),
  blueGreen: z
    .strictObject({
      traffic: z
        .enum(['auto', 'target-group', 'weights', 'queue'])
        .default('auto')
        .describe(
          'How traffic moves: both groups in the same target groups, weights between two target groups, or not at all (a shared queue). `auto`: weights where `pairs` are named, target-group where the group has target groups, else queue.',
        ),
      pairs: z
        .array(
          z.strictObject({
            blue: z.string().describe('Target group of the first colour, name or ARN.'),
            green: z.string().describe('Target group of the other colour, name or ARN.'),
          }),
        )
        .default([])
        .describe(
          'Pairs of target groups whose weights are shifted, in every listener and rule that names them.',
        ),
      steps: z
        .array(percentage(1, 100))
        .default([100])
        .refine((list) => list.every((value, i) => i === 0 || value > list[i - 1]!), 'ascending, each once')
        .describe(
          'Per cent of the requests that go to the new colour, step by step, with the smoke tests at each.',
        ),
      stepDelay: durationDefault('1m').describe('A step of the traffic lasts at least this long.'),
      drainTimeout: durationDefault('10m').describe(
        'How long the old colour may finish what it began once it gets nothing new.',
      ),
      drainCommand: z
        .string()
        .optional()
        .describe(
          'Run on each old instance of a queue fleet to make it stop receiving; it must return when the worker is idle (for example `systemctl stop worker`).',
        ),
      resumeCommand: z
        .string()
        .optional()
        .describe(
          'The opposite of `drainCommand`, on the way back: makes an old instance receive again (for example `systemctl start worker`).',
        ),
      hold: durationDefault('10m').describe(
        'How long the old colour is kept at full size after the switch, for an immediate way back.',
      ),
      retire: z
        .enum(['wait', 'later'])
        .default('wait')
        .describe(
          'After the hold window the old colour goes: `wait` for it, or end the run and leave it to `bake gc` or the next rollout.',
        ),
      duringHold: z
        .enum(['refuse', 'retire'])
        .default('refuse')
        .describe(
          'What the next rollout does while the old colour is still kept: `refuse` to begin, or `retire` it first and give up that way back.',
        ),
    })
    .refine(
      ({ drainCommand, resumeCommand }) => (drainCommand === undefined) === (resumeCommand === undefined),
      {
        message:
          '`drainCommand` and `resumeCommand` are needed together: what is stopped must be startable on the way back',
        path: ['resumeCommand'],
      },
    )
    .prefault({})
    .describe('Settings of the strategy blue-green.'),
});
