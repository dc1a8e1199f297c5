/** The most that a section's text holds, in characters (docs.slack.dev/reference/block-kit/blocks/section-block). */
export const SECTION_LIMIT = 3_000;

/** Text as it is, where Slack would read mentions, links and commands into it (docs.slack.dev/messaging/formatting-message-text). */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** At most `limit` characters of a text, its end replaced by `…` where it is longer. Never cuts an escaped character in two. */
export function clip(text: string, limit = SECTION_LIMIT): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/&[a-z]{0,3}$/, '')}…`;
}

/** Lines as they are, in a typewriter's letters: the last ones, where all would be more than `limit` characters. */
export function codeBlock(lines: readonly string[], limit = SECTION_LIMIT): string {
  const room = limit - '```\n\n```'.length - '…\n'.length;
  const kept: string[] = [];
  let used = 0;
  for (const line of lines.map((one) => clip(escapeText(one.replaceAll('```', "'''")), 500)).reverse()) {
    if (used + line.length + 1 > room) {
      kept.push('…');
      break;
    }
    kept.push(line);
    used += line.length + 1;
  }
  return `\`\`\`\n${kept.reverse().join('\n')}\n\`\`\``;
}
