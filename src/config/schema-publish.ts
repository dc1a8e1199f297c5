import { z } from 'zod';
import { duration, durationDefault } from './values.ts';

const checkSchema = z.union([
  z.strictObject({
    command: z.string().describe('Shell command, run as root, that has to end with exit code 0.'),
  }),
  z.strictObject({ service: z.string().describe('Service that has to be active.') }),
  z.strictObject({
    port: z.int().min(1).max(65_535).describe('TCP port that has to accept connections on the instance.'),
  }),
  z.strictObject({
    http: z
      .string()
      .regex(/^http:\/\/[^/\s:]+(:\d+)?(\/\S*)?$/, 'an address such as http://localhost:8080/health')
      .describe('Address, as seen on the instance itself, that has to answer.'),
    status: z.int().min(100).max(599).default(200).describe('Status that it has to answer with.'),
    contains: z.string().optional().describe('Text that the answer has to contain.'),
  }),
]);

export type CandidateCheck = z.output<typeof checkSchema>;

/** The candidate test: the new image is booted once, before anybody sees it. */
export const testSchema = z.strictObject({
  checks: z
    .array(checkSchema)
    .default([])
    .describe('What has to hold. Without any: that it boots and answers.'),
  userData: z
    .string()
    .optional()
    .describe(
      'User data script for the test, relative to bake.yaml, with the placeholders of fleet.userData. It is run with BAKE_CHECK=1, by which it can leave out what touches production.',
    ),
  timeout: durationDefault('2m').describe('Checks that fail are repeated until this is over.'),
});

/** Where a finished image goes. */
export const distributeSchema = z.strictObject({
  regions: z.array(z.string()).default([]).describe('Further regions to copy the image to.'),
  kmsKeys: z
    .record(z.string(), z.string())
    .default({})
    .describe('Key to encrypt with, by region. Default: the account default of the region.'),
  accounts: z
    .array(
      z.string().regex(/^\d{12}(\d{4})?$/, 'an account id of 12 digits, on Alibaba Cloud 16 (in quotes)'),
    )
    .default([])
    .describe('Accounts that may launch from the image.'),
  organizations: z
    .array(
      z
        .string()
        .regex(
          /^arn:[^:]+:organizations::\d{12}:(organization|ou)\/\S+$/,
          'the ARN of an organisation or of one of its units',
        ),
    )
    .default([])
    .describe('Organisations, or units of them, that may launch from the image.'),
  deprecateAfter: duration
    .optional()
    .describe('The image is deprecated this long after it was made, such as 90d.'),
  protect: z.boolean().default(false).describe('Protect the image against being deregistered.'),
});

export const publishSchema = z.strictObject({
  parameter: z
    .string()
    .regex(/^\/[\w./-]+$/, 'a parameter name such as /my/image/latest')
    .optional()
    .describe(
      'Parameter (SSM, or OOS on Alibaba Cloud) that always names the newest release, in every region that has it.',
    ),
  family: z
    .string()
    .regex(/^[A-Za-z][\w:.-]{1,127}$/, 'letters, digits and : _ . -, beginning with a letter, at most 128')
    .optional()
    .describe(
      'Alibaba Cloud: image family whose newest image is the newest release; it is joined last, in every region.',
    ),
});

export const keepSchema = z
  .int()
  .min(1)
  .optional()
  .describe(
    '`bake gc` keeps this many releases, and any that is in use or may be rolled back to. Default: all of them.',
  );
