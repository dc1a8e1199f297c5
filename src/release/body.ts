import type { Author, Change, Difference } from './changes.ts';

const BEGIN = '<!-- bake release: begin -->';
const END = '<!-- bake release: end -->';
/** What GitHub takes is 65536 characters; the rest is left to those who write something of their own. */
const ROOM = 60_000;

/** The changes of one author. */
export interface Share {
  author: Author;
  changes: Change[];
}

/** By author, in the order of the alphabet; each one's changes in the order in which they came. */
export function byAuthor(changes: readonly Change[]): Share[] {
  const shares = new Map<string, Share>();
  for (const change of changes) {
    const { author } = change;
    const key = `${author.person} ${author.name}`;
    const share = shares.get(key) ?? { author, changes: [] };
    shares.set(key, { author, changes: [...share.changes, change] });
  }
  const order = (a: Share, b: Share) => a.author.name.localeCompare(b.author.name, 'en');
  return [...shares.values()].sort(order);
}

/** The keys of the changes whose boxes are ticked. */
export function ticksIn(body: string): Set<string> {
  const ticked = /^[ \t]*[-*+] \[[xX]\] \[(?:(#\d+)\]|`[0-9a-f]+`\]\([^)\s]*\/commit\/([0-9a-f]{40})\))/gm;
  return new Set([...body.matchAll(ticked)].map(([, pull, sha]) => (pull ?? sha) as string));
}

/**
 * The body of a release's pull request: boxes by author, with the ticks that `previous` has. What people wrote around bake's part
 * stays; a body without bake's part keeps everything, with it at the end.
 */
export function releaseBody(previous: string, difference: Difference, environment: string): string {
  const ticked = ticksIn(previous);
  let lines = 0;
  for (let used = 0; lines < difference.changes.length; lines++) {
    used +=
      lineOf(difference.changes[lines]!, false).length +
      headingOf(difference.changes[lines]!.author).length +
      3;
    if (used > ROOM) break;
  }
  const left = difference.changes.length - lines;
  const shares = byAuthor(difference.changes.slice(0, lines)).map(({ author, changes }) =>
    [headingOf(author), '', ...changes.map((change) => lineOf(change, ticked.has(change.key)))].join('\n'),
  );
  const part = [
    BEGIN,
    `Merging this rolls out **${environment}**. A box is ticked by whoever has seen that the change is fit for it.`,
    ...shares,
    left === 0
      ? `[All that changes](${difference.url})`
      : `… and ${left} more: [all that changes](${difference.url})`,
    END,
  ].join('\n\n');
  const [begin, end] = [previous.indexOf(BEGIN), previous.indexOf(END)];
  if (begin >= 0 && end > begin) return previous.slice(0, begin) + part + previous.slice(end + END.length);
  return previous.trim() === '' ? part : `${previous.trimEnd()}\n\n${part}`;
}

/** `@login` tells the author once; nobody else is told by a heading. */
const headingOf = ({ name, person }: Author): string => `### ${person ? `@${name}` : plain(name)}`;

const lineOf = (change: Change, ticked: boolean): string => `- [${ticked ? 'x' : ' '}] ${linkTo(change)}`;

/** A change as a line of Markdown. */
export const linkTo = ({ key, url, title }: Change): string =>
  `[${key.startsWith('#') ? key : `\`${key.slice(0, 7)}\``}](${url}) ${plain(title)}`;

/** A title as it is: no link, no mention, no comment, no box comes of it. */
const plain = (text: string): string =>
  text
    .replaceAll(/[[\]\\]/g, '\\$&')
    .replaceAll('<', '&lt;')
    .replaceAll(/@(?=\w)/g, '@<!-- -->')
    .trim();
