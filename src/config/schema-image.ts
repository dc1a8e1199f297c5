import { z } from 'zod';
import { distributeSchema, keepSchema, publishSchema, testSchema } from './schema-publish.ts';
import { sshSchema } from './schema-ssh.ts';
import { durationDefault, size } from './values.ts';

export const rootVolumeSchema = z.strictObject({
  size: size.optional().describe('Size, such as 30GiB. Default: the size in the base image.'),
  type: z.enum(['gp3', 'gp2', 'io2']).default('gp3').describe('Volume type.'),
  iops: z.int().min(3000).max(80000).optional().describe('Provisioned IOPS (gp3: 3000-80000).'),
  throughput: z.int().min(125).max(2000).optional().describe('Throughput in MiB/s (gp3: 125-2000).'),
  encrypted: z.boolean().default(true).describe('Encrypt the volume.'),
  kmsKey: z.string().optional().describe('Key to encrypt with. Default: the account default.'),
});

const octalMode = z.string().regex(/^0[0-7]{3}$/, 'an octal mode such as 0644');

const baseSchema = z
  .union([
    z.strictObject({ id: z.string().describe('Image id.') }),
    z.strictObject({
      ssmParameter: z.string().describe('Name of a public or own SSM parameter that holds an image id.'),
    }),
    z.strictObject({
      family: z
        .string()
        .describe(
          'Image family of Alibaba Cloud: its newest image (acs:alibaba_cloud_linux_3_2104_lts_x64).',
        ),
    }),
    z.strictObject({
      filter: z
        .strictObject({
          owner: z.string().describe('Owner: an account id, amazon, or self.'),
          name: z.string().describe('Name pattern, with * and ?.'),
          architecture: z.enum(['x86_64', 'arm64']).optional().describe('CPU architecture.'),
        })
        .describe('The newest image that matches.'),
    }),
  ])
  .describe(
    'The base image: an id, an SSM parameter (AWS), an image family (Alibaba Cloud), or a filter (the most recent match).',
  );

const provisionerCommon = {
  name: z.string().optional().describe('What output and errors call it. Default: the file name.'),
  timeout: durationDefault('10m').describe('After this the script is ended and the build fails.'),
};

const scriptCommon = {
  ...provisionerCommon,
  environment: z.record(z.string(), z.string()).default({}).describe('Environment variables of the script.'),
  secrets: z
    .array(z.string())
    .default([])
    .describe(
      'Names of variables taken from the environment of bake itself; their values are redacted everywhere.',
    ),
  reboot: z
    .boolean()
    .default(false)
    .describe(
      'Reboot the builder after the script, and go on when it answers again (for a new kernel, say).',
    ),
  retries: z.int().min(0).max(10).default(0).describe('How often a failing script is run again.'),
};

export const provisionerSchema = z.union([
  z.strictObject({
    script: z
      .string()
      .describe(
        'Shell script to run as root, relative to bake.yaml; or one that comes with bake, such as bake:python.',
      ),
    arguments: z.array(z.string()).default([]).describe('Its arguments.'),
    ...scriptCommon,
  }),
  z.strictObject({
    inline: z.string().describe('Shell commands to run as root (bash, with set -euo pipefail).'),
    ...scriptCommon,
  }),
  z.strictObject({
    upload: z.string().describe('File or directory to copy into the image, relative to bake.yaml.'),
    to: z
      .string()
      .regex(/^\//, 'an absolute path')
      .describe('Absolute path in the image. A directory is copied as this path, not into it.'),
    owner: z.string().default('root:root').describe('Owner and group, such as worker:worker.'),
    mode: octalMode.optional().describe('Mode of the files. Default: as on disk.'),
    ignore: z.array(z.string()).default([]).describe('Patterns left out, as in .gitignore.'),
    ...provisionerCommon,
  }),
]);

const layerSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'lower-case letters, digits and hyphens')
    .describe('Name of the layer.'),
  provisioners: z.array(provisionerSchema).min(1).describe('What is done, in order.'),
  cache: z
    .boolean()
    .default(true)
    .describe('Keep an image of this layer, so that a build in which it did not change starts from it.'),
});

export const imageSchema = z.strictObject({
  name: z.string().optional().describe('Stem of image names. Default: the project.'),
  base: baseSchema,
  builder: z
    .strictObject({
      instanceTypes: z
        .array(z.string())
        .min(1)
        .default(['t3.small'])
        .describe('Types to try, in order, when capacity is short.'),
      spot: z
        .boolean()
        .default(false)
        .describe('Take spot capacity, or capacity on demand where there is none.'),
      subnets: z
        .array(z.string())
        .default([])
        .describe('Subnets to try, in order. Default: the default VPC.'),
      securityGroups: z.array(z.string()).default([]).describe('Security groups. Default: that of the VPC.'),
      instanceProfile: z.string().optional().describe('Instance profile; on AWS it must allow SSM.'),
      rootVolume: rootVolumeSchema
        .prefault({})
        .describe('Root volume of the builder and, by size, of the image.'),
      communicator: z
        .enum(['ssm', 'ssh'])
        .default('ssm')
        .describe('How bake works on the builder: SSM Run Command (no open port, no key) or SSH.'),
      stagingBucket: z
        .string()
        .optional()
        .describe(
          'S3 bucket in the same region through which SSM gets large uploads to the builder, by URLs that open one object for an hour. Default: none; uploads end at 20 MiB.',
        ),
      ssh: sshSchema.prefault({}).describe('Used where communicator is ssh.'),
      readyTimeout: durationDefault('5m').describe('How long the builder may take until it answers.'),
      timeToLive: durationDefault('2h').describe(
        'The builder ends itself after this time, whatever happens to bake.',
      ),
    })
    .prefault({})
    .describe('The instance that the image is built on.'),
  layers: z
    .array(layerSchema)
    .min(1)
    .describe('Layers, lowest first. A layer is built again only when it or one below it changed.'),
  verify: z
    .strictObject({
      files: z
        .array(
          z.union([
            z.string(),
            z.strictObject({
              path: z.string().describe('Path that must exist.'),
              owner: z.string().optional().describe('User that it must belong to.'),
              mode: octalMode.optional().describe('Mode that it must have, such as 0640.'),
            }),
          ]),
        )
        .default([])
        .describe('Paths that must exist, with owner and mode where they matter.'),
      commands: z.array(z.string()).default([]).describe('Commands that must be present.'),
      services: z
        .array(
          z.union([
            z.string(),
            z.strictObject({
              name: z.string().describe('Service that must be enabled.'),
              user: z.string().describe('User that it must run as; root where that is meant.'),
            }),
          ]),
        )
        .default([])
        .describe('Services that must be enabled and run as a user other than root.'),
      allow: z
        .array(z.string())
        .default([])
        .describe(
          'Names of development tools (git, gcc, vim …) and of set-user-id programs that may be there although the base image has them not.',
        ),
      absent: z.array(z.string()).default([]).describe('Paths that must not exist.'),
    })
    .prefault({})
    .describe('Checked on the builder after clean-up; a failure stops the build before the snapshot.'),
  test: testSchema
    .optional()
    .describe('Boot the new image once and check it; it is no release before it passed. Default: no test.'),
  distribute: distributeSchema.prefault({}).describe('Regions and accounts that get the image.'),
  publish: publishSchema.prefault({}).describe('How others learn of a new release.'),
  keep: keepSchema,
  imageTimeout: durationDefault('60m').describe('How long the cloud may take to make the image.'),
});
