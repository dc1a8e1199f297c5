import type { Clock } from '../run/clock.ts';
import { byAuthor, linkTo, type Share } from './body.ts';
import { type Release, readRelease, sourceOf, tipOf } from './read.ts';
import type { ReleaseSite } from './site.ts';

/** A schedule is never punctual: so much sooner than wanted is not sooner. Milliseconds. */
const EARLY = 600_000;

const MARK = '<!-- bake release: reminder -->';

/** What a reminder did. */
export type Reminder =
  /** Nobody is to be asked: no pull request is open, or no box. */
  | { outcome: 'nothing'; release?: Release }
  /** They were asked not long ago; `next` is when they may be asked again, milliseconds since the Unix epoch. */
  | { outcome: 'early'; release: Release; next: number }
  | { outcome: 'asked'; release: Release; shares: Share[]; url: string };

/**
 * Asks the authors of open boxes by a comment that mentions them; at most about every `every` milliseconds, counted from the last comment or
 * else from the pull request, whose body mentions them, too.
 */
export async function remindRelease(
  site: ReleaseSite,
  { every, clock }: { every: number; clock: Clock },
): Promise<Reminder> {
  const { github, into } = site;
  if (!(await tipOf(site, into))) return { outcome: 'nothing' };
  const { sha } = await sourceOf(site);
  const release = await readRelease(site, sha);
  const { pull, open } = release;
  if (!pull || open.length === 0) return { outcome: 'nothing', release };
  const issue = { issue_number: pull.number };
  const comments = await github.all('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', issue);
  const asked = comments.filter(({ body }) => body?.includes(MARK));
  const last = Math.max(pull.createdAt, ...asked.map(({ created_at }) => Date.parse(created_at)));
  const next = last + every - Math.min(every / 10, EARLY);
  if (clock.now() < next) return { outcome: 'early', release, next };
  const shares = byAuthor(open);
  const { html_url: url } = await github.request(
    'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
    { ...issue, body: commentFor(site, shares) },
  );
  return { outcome: 'asked', release, shares, url };
}

function commentFor({ environment }: ReleaseSite, shares: Share[]): string {
  const lines = shares.map(({ author, changes }) => {
    const who = author.person ? `@${author.name}` : `${author.name} (cannot be asked here)`;
    return `- ${who}: ${changes.map(linkTo).join(', ')}`;
  });
  const asking = `Is this fit for **${environment}**? These boxes are still open:`;
  return [MARK, asking, lines.join('\n')].join('\n\n');
}
