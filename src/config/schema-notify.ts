import { z } from 'zod';

const COMMANDS = ['build', 'rollout', 'cutover', 'rollback'] as const;

/** Whom a run is told to, besides those who look on. Tokens come from the environment, never from here. */
export const notifySchema = z.strictObject({
  slack: z
    .strictObject({
      channel: z
        .string()
        .optional()
        .describe(
          'Channel that a bot (SLACK_BOT_TOKEN) writes to, by id or #name. A webhook (SLACK_WEBHOOK_URL) has its own.',
        ),
      commands: z
        .array(z.enum(COMMANDS))
        .default(['rollout', 'cutover', 'rollback'])
        .describe('Which commands are told.'),
    })
    .optional()
    .describe('Tells runs to Slack: that they began, how far they are, how they ended and why.'),
  github: z
    .strictObject({
      deployments: z
        .boolean()
        .default(true)
        .describe('Whether a rollout is recorded as a deployment, where there is a GITHUB_TOKEN.'),
      statuses: z
        .boolean()
        .default(true)
        .describe('Whether a build or a rollout is a status of the commit that bake works on.'),
      environmentUrl: z
        .url()
        .optional()
        .describe('Where what is deployed can be seen: the link of the deployment.'),
    })
    .prefault({})
    .describe('Tells rollouts to GitHub.'),
  local: z.boolean().default(false).describe('Whether runs with --local are told as well.'),
});
