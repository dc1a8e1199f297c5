import { z } from 'zod';
import { chooseImage } from './images.ts';
import { chatSchema } from './schema-chat.ts';
import { diagnoseSchema } from './schema-diagnose.ts';
import { fleetSchema } from './schema-fleet.ts';
import { hooksSchema } from './schema-hooks.ts';
import { imageSchema } from './schema-image.ts';
import { inPlaceSchema } from './schema-in-place.ts';
import { notifySchema } from './schema-notify.ts';
import { rehearseSchema } from './schema-rehearse.ts';
import { releaseSchema } from './schema-release.ts';
import { rolloutSchema } from './schema-rollout.ts';
import { smokeSchema } from './schema-smoke.ts';

/** The whole of `bake.yaml`, before environments are merged. Every key is documented here, where it is defined. */
export const projectSchema = z
  .strictObject({
    project: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens, at most 40')
      .describe(
        'Name of the project: the value of the tag bake:project, and the stem of every name bake gives.',
      ),
    cloud: z.enum(['aws', 'alicloud']).default('aws').describe('Which cloud: aws or alicloud.'),
    region: z
      .string()
      .optional()
      .describe('Region to build and roll out in. Default: AWS_REGION, AWS_DEFAULT_REGION or the profile.'),
    image: imageSchema.optional().describe('The image: what it starts from and what is done to it.'),
    images: z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens'),
        imageSchema,
      )
      .optional()
      .describe('Several images by name, instead of one under `image`. They are built at the same time.'),
    fleet: fleetSchema.optional().describe('The launch template and scaling group that run the image.'),
    inPlace: inPlaceSchema
      .optional()
      .describe('Servers that stay, and get releases by SSH: the strategy in-place.'),
    rollout: rolloutSchema.prefault({}).describe('How a new image reaches the fleet.'),
    smoke: smokeSchema
      .prefault({})
      .describe('Smoke tests: run at every checkpoint, after the rollout, and by `bake smoke`.'),
    diagnose: diagnoseSchema.prefault({}).describe('What `bake diagnose` looks at besides the fleet itself.'),
    hooks: hooksSchema
      .prefault({})
      .describe('Programs of your own around builds and rollouts, run where bake runs.'),
    chat: chatSchema.prefault({}).describe('The bot that takes commands in Slack: `bake chat`.'),
    notify: notifySchema.prefault({}).describe('Where runs are told: Slack, GitHub.'),
    rehearse: rehearseSchema
      .prefault({})
      .describe('What `bake rehearse` has to make besides what the rest of the file names.'),
    release: releaseSchema
      .prefault({})
      .describe('How changes come to an environment by pull request: `bake release`.'),
    branches: z
      .record(z.string(), z.string())
      .optional()
      .describe(
        'Environments by branch, for commands without -e: a branch, or a pattern with one `*`, and its environment (in which `*` is what it stood for; `default` is none). The first that fits counts. A branch deployment/NAME has the environment NAME without being listed.',
      ),
    tags: z
      .record(z.string(), z.string())
      .default({})
      .describe('Further tags on everything that bake creates.'),
  })
  .meta({ title: 'bake.yaml' })
  .transform(chooseImage);

/** Everything that bake.yaml says, with its defaults; durations in milliseconds, sizes in bytes. The reference of the keys documents it. */
export type ProjectConfig = z.output<typeof projectSchema>;
export type ImageConfig = ProjectConfig['image'];
export type LayerConfig = ImageConfig['layers'][number];
export type ProvisionerConfig = LayerConfig['provisioners'][number];
export type FleetConfig = NonNullable<ProjectConfig['fleet']>;
export type RolloutConfig = ProjectConfig['rollout'];
export type NotifyConfig = ProjectConfig['notify'];
export type SmokeConfig = ProjectConfig['smoke'];

/** A configuration that has been loaded, merged for one environment, checked, with its place on disk. */
export interface Project {
  config: ProjectConfig;
  /** The directory of bake.yaml; every relative path in it starts here. */
  directory: string;
  /** Absolute path of the configuration file. */
  file: string;
  /** "default" where none was chosen. */
  environment: string;
  /** All that the file names, in its order. */
  environments: string[];
}
