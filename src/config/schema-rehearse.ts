import { z } from 'zod';

const names = (what: string) => z.array(z.string().min(1)).default([]).describe(what);

/** What a rehearsal has to make that the rest of the configuration does not name. */
export const rehearseSchema = z.strictObject({
  queues: names('Further queues that the application uses, by name; each gets a dead-letter queue.'),
  logGroups: names('Further log groups that the application writes to.'),
  buckets: names('Further buckets that the application uses.'),
  parameters: z
    .record(z.string(), z.string())
    .default({})
    .describe('Parameters (SSM, or OOS) that the application reads, with values for rehearsals. No secrets.'),
  server: z
    .string()
    .optional()
    .describe(
      'In place: script that makes a new server ready for releases (account, directory, unit), relative to bake.yaml, run as root. Default: what `bake in-place setup --print` says.',
    ),
});
