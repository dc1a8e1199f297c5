import { z } from 'zod';

export const diagnoseSchema = z.strictObject({
  reach: z
    .array(z.string().regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'host:port'))
    .default([])
    .describe(
      'What instances must be able to reach, `host:port` each: a database, a cache, another service.',
    ),
});
