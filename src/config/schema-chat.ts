import { z } from 'zod';
import { durationDefault } from './values.ts';

const member = z.string().regex(/^[UW][A-Z0-9]+$/, 'the id of a member of Slack such as U024BE7LH');

/** What the bot of the team's channel may be asked: `bake chat`. */
export const chatSchema = z.strictObject({
  channel: z
    .string()
    .regex(/^[CG][A-Z0-9]+$/, 'the id of a channel of Slack such as C024BE7LR')
    .optional()
    .describe(
      "The team's channel, by id: changes are taken there only. Default: every channel that the bot is in, but no direct messages.",
    ),
  allow: z
    .record(z.string(), z.array(member))
    .default({})
    .describe(
      'Who may change an environment by chat: ids of members of Slack, by environment, `*` for those not named. Default: everybody of the workspace, neither guests nor people of other workspaces.',
    ),
  confirmWithin: durationDefault('5m').describe(
    'How long the buttons that confirm a rollback or a cutover can be pressed.',
  ),
});
