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
