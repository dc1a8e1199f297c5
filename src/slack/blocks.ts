import type { SlackBlock } from './post.ts';
import { clip } from './text.ts';

/** Text in Slack's mrkdwn, at most 3000 characters of it. */
export const section = (text: string): SlackBlock => ({
  type: 'section',
  text: { type: 'mrkdwn', text: clip(text) },
});

/** A small line under what it is about. */
export const context = (text: string): SlackBlock => ({
  type: 'context',
  elements: [{ type: 'mrkdwn', text: clip(text) }],
});
