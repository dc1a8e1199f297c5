import { z } from 'zod';

/** Block Kit as far as bake uses it, with its limits (docs.slack.dev/reference/block-kit/blocks). */
const plain = (longest: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(longest),
    emoji: z.boolean().optional(),
  });
const markdown = z.strictObject({
  type: z.literal('mrkdwn'),
  text: z.string().min(1).max(3_000),
  verbatim: z.boolean().optional(),
});
const button = z.strictObject({
  type: z.literal('button'),
  text: plain(75),
  action_id: z.string().max(255),
  value: z.string().max(2_000).optional(),
  url: z.url().max(3_000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
});
const block_id = z.string().max(255).optional();

const block = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('section'), text: markdown, block_id }),
  z.strictObject({ type: z.literal('header'), text: plain(150), block_id }),
  z.strictObject({ type: z.literal('divider'), block_id }),
  z.strictObject({ type: z.literal('context'), elements: z.array(markdown).min(1).max(10), block_id }),
  z.strictObject({ type: z.literal('actions'), elements: z.array(button).min(1).max(25), block_id }),
]);

export type Block = z.infer<typeof block>;

const content = z.object({
  text: z.string().max(40_000).optional(),
  blocks: z.array(block).max(50).optional(),
});

/** Slack's own word for what is wrong with a message, else undefined. */
export function checkMessage(message: Record<string, unknown>): string | undefined {
  const { text, blocks } = message;
  if (!text && !(Array.isArray(blocks) && blocks.length > 0)) return 'no_text';
  const read = content.safeParse(message);
  if (read.success) return undefined;
  const [issue] = read.error.issues;
  return issue?.path[0] === 'text'
    ? 'msg_too_long'
    : `invalid_blocks (${issue?.path.join('.')}: ${issue?.message})`;
}
