import { nearest } from '../config/known.ts';

/** What somebody asks of the bot. Without an environment the only one is meant. */
export type ChatCommand =
  | { kind: 'help' }
  | { kind: 'status' | 'deploy'; environment?: string }
  | { kind: 'rollback'; environment?: string; release?: string }
  | { kind: 'cutover'; environment?: string; emergency: boolean }
  | { kind: 'unclear'; near?: string };

const KINDS = ['deploy', 'status', 'rollback', 'cutover', 'help'] as const;

/** Names of environments and releases; nothing that a command line could take for a flag. */
const NAME = /^[\w.][\w.-]*$/;

/** Reads what was said to the bot: "rollback production to v41". Case does not matter in words that are the bot's. Pure. */
export function parseCommand(text: string): ChatCommand {
  const [first, ...rest] = wordsOf(text);
  if (first === undefined) return { kind: 'help' };
  const kind = KINDS.find((known) => known === first.toLowerCase());
  if (!kind) return { kind: 'unclear', near: nearest(first.toLowerCase(), KINDS) };
  if (kind === 'help') return { kind };
  if (!rest.every((word) => NAME.test(word))) return { kind: 'unclear' };
  if (kind === 'rollback') return rollback(rest);
  if (kind === 'cutover') return cutover(rest);
  return rest.length > 1 ? { kind: 'unclear' } : { kind, environment: rest[0] };
}

/** Without mentions of the bot, letters' shapes, and the links that Slack makes of names that look like one. */
const wordsOf = (text: string): string[] =>
  text
    .replaceAll(/<[@!#][^>]*>/g, ' ')
    .replaceAll(/<[^|>]*\|([^>]*)>/g, '$1')
    .replaceAll(/[*`~]/g, ' ')
    .split(/\s+/)
    .filter(Boolean);

function rollback(words: string[]): ChatCommand {
  const at = words.findIndex((word) => word.toLowerCase() === 'to');
  const [before, after] = at < 0 ? [words, undefined] : [words.slice(0, at), words.slice(at + 1)];
  if (before.length > 1 || (after && after.length !== 1)) return { kind: 'unclear' };
  return { kind: 'rollback', environment: before[0], release: after?.[0] };
}

function cutover(words: string[]): ChatCommand {
  const others = words.filter((word) => word.toLowerCase() !== 'emergency');
  if (others.length > 1 || words.length - others.length > 1) return { kind: 'unclear' };
  return { kind: 'cutover', environment: others[0], emergency: others.length < words.length };
}
