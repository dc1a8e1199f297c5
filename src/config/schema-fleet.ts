import { z } from 'zod';
import { rootVolumeSchema } from './schema-image.ts';
import { durationDefault } from './values.ts';

export const fleetSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'letters, digits and hyphens')
    .describe('Name of the scaling group and of the launch template.'),
  image: z.string().optional().describe('Which of `images` the fleet runs, where there are several.'),
  instanceType: z.string().default('t3.small').describe('Instance type.'),
  instanceProfile: z.string().optional().describe('Instance profile of the instances.'),
  securityGroups: z.array(z.string()).default([]).describe('Security groups. Default: that of the VPC.'),
  keyName: z.string().optional().describe('Key pair for SSH. Default: none.'),
  subnets: z.array(z.string()).default([]).describe('Subnets. Default: every zone of the default VPC.'),
  size: z
    .strictObject({
      min: z.int().min(0).describe('Fewest instances.'),
      max: z.int().min(0).describe('Most instances.'),
      desired: z
        .int()
        .min(0)
        .describe('Instances to start with. Later applies leave the current number alone.'),
    })
    .refine((s) => s.min <= s.desired && s.desired <= s.max, 'min <= desired <= max')
    .describe('Size of the group.'),
  healthCheck: z
    .strictObject({
      type: z.enum(['ec2', 'elb']).default('ec2').describe('Who says that an instance is healthy.'),
      gracePeriod: durationDefault('60s').describe('A new instance is not judged before this.'),
    })
    .prefault({})
    .describe('Health check of the group.'),
  warmup: durationDefault('60s').describe(
    'A new instance counts as ready this long after it went into service.',
  ),
  targetGroups: z
    .array(z.string())
    .default([])
    .describe(
      'Target groups (names or ARNs) that send requests to the instances. Where none is named, what is attached stays as it is.',
    ),
  protectFromScaleIn: z
    .boolean()
    .default(false)
    .describe('New instances are protected from scale-in; the workers lift it when they are idle.'),
  lifecycleHooks: z
    .array(
      z.strictObject({
        name: z
          .string()
          .regex(/^[A-Za-z0-9_/-]{1,255}$/, 'letters, digits, -, _ and /')
          .describe('Name of the hook.'),
        on: z
          .enum(['launch', 'terminate'])
          .describe('What it holds up: an instance that comes, or one that goes.'),
        heartbeat: durationDefault('5m')
          .refine((ms) => ms >= 30_000 && ms <= 7_200_000, 'a duration from 30s to 2h')
          .describe('How long it waits for the instance (30s to 2h).'),
        otherwise: z
          .enum(['continue', 'abandon'])
          .default('continue')
          .describe('What happens when nobody completes it in time.'),
      }),
    )
    .refine((hooks) => new Set(hooks.map(({ name }) => name)).size === hooks.length, 'each name once')
    .default([])
    .describe('Lifecycle hooks, for example for workers that finish their message before they go.'),
  scaling: z
    .array(
      z.strictObject({
        policy: z
          .string()
          .describe(
            'A scaling file of your own, or one that comes with bake: `bake:backlog`, `bake:emergency`, `bake:weekdays`.',
          ),
        name: z
          .string()
          .regex(/^[A-Za-z0-9-]{1,60}$/, 'letters, digits and hyphens, at most 60')
          .optional()
          .describe('Put before the names in the file, where the same file is used more than once.'),
        variables: z.record(z.string(), z.string()).default({}).describe('Values for ${vars.NAME} in it.'),
      }),
    )
    .default([])
    .describe('Scaling policies with their alarms, and schedules.'),
  rootVolume: rootVolumeSchema.prefault({}).describe('Root volume of the instances.'),
  monitoring: z.boolean().default(true).describe('Detailed monitoring.'),
  ebsOptimized: z.boolean().default(true).describe('EBS optimised.'),
  metrics: z.boolean().default(true).describe('Collect the group metrics.'),
  userData: z
    .string()
    .optional()
    .describe(
      'User data file, relative to bake.yaml. ${…} placeholders: release, project, environment, region, and vars.',
    ),
  variables: z
    .record(z.string(), z.string())
    .default({})
    .describe('Values for ${vars.NAME} in the user data.'),
});
