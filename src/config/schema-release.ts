import { z } from 'zod';
import { durationDefault } from './values.ts';

/** How changes come to an environment by pull request: `bake release`. */
export const releaseSchema = z.strictObject({
  from: z.string().default('main').describe('The branch whose changes are released.'),
  branch: z
    .string()
    .default('deployment/{environment}')
    .describe('The branch that an environment runs: what is merged into it is rolled out.'),
  remindEvery: durationDefault('2h').describe(
    'How often at most `bake release --remind` asks for the boxes that are still open.',
  ),
  people: z
    .record(z.string(), z.string().regex(/^[UW][A-Z0-9]+$/, 'the id of a member of Slack such as U024BE7LH'))
    .default({})
    .describe(
      'Who is who: logins on GitHub, and the ids of the same people on Slack, to be asked by name there.',
    ),
});
