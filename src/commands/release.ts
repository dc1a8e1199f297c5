import { githubFrom } from '../github/from-environment.ts';
import type { Change } from '../release/changes.ts';
import { mergeRelease } from '../release/merge.ts';
import { type Release, readRelease, sourceOf, tipOf } from '../release/read.ts';
import { openRelease } from '../release/release.ts';
import { type ReleaseSite, releaseSite } from '../release/site.ts';
import { usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { remind } from './release-remind.ts';
import { type GlobalOptions, type Outcome, runCommand, type Session } from './session.ts';

export interface ReleaseCommandOptions extends GlobalOptions {
  status?: boolean;
  remind?: boolean;
  merge?: boolean;
  yes?: boolean;
  since?: string;
}

/** `bake release`. No cloud is asked: what it does happens in the repository. */
export const release = (options: ReleaseCommandOptions): Promise<number> =>
  runCommand(
    'release',
    options,
    async (session) => {
      const { run, project } = session;
      const several = (['status', 'remind', 'merge'] as const).filter((name) => options[name]);
      if (several.length > 1) throw usageError(`--${several.join(' and --')} are two things: one at a time`);
      run.redactor.add(process.env.GITHUB_TOKEN);
      const site = releaseSite(await githubFrom(project.directory, process.env, run.signal), project);
      if (options.status) return status(session, site, options);
      if (options.remind) return remind(session, site);
      if (options.merge) return merge(session, site, options);
      return open(session, site, options);
    },
    { cloud: () => false, journal: false, interrupted: INTERRUPTED },
  );

const INTERRUPTED = {
  first: 'interrupted: what GitHub was told stays',
  second: 'what GitHub was told stays; run it again to go on',
};

async function open(session: Session, site: ReleaseSite, options: ReleaseCommandOptions): Promise<Outcome> {
  const { from, into } = site;
  const opened = await openRelease(site, { since: options.since });
  const { outcome, pull, begun } = opened;
  if (options.since !== undefined && !begun)
    session.run.warn(`--since is for a branch that is not there yet: ${into} is`);
  tell(session, site, opened, { ...options, outcome });
  const branch = begun ? [`${into} was not there: it begins at ${begun.slice(0, 7)}`] : [];
  if (outcome === 'nothing')
    return { headline: `nothing to release: ${into} has all that is on ${from}`, changed: branch };
  const what = { opened: 'is open', updated: 'is up to date again', unchanged: 'is up to date' }[outcome];
  return {
    headline: `#${pull.number} ${what}, from ${from} to ${into}: ${sizeOf(opened)}`,
    changed: [...branch, pull.url],
    next: ['bake release --status', 'bake release --merge'],
  };
}

async function status(session: Session, site: ReleaseSite, options: GlobalOptions): Promise<Outcome> {
  const { from, into } = site;
  const { sha } = await sourceOf(site);
  if (!(await tipOf(site, into)))
    return { headline: `there is no branch ${into} yet: nothing was released to it`, next: ['bake release'] };
  const found = await readRelease(site, sha);
  const { pull, changes } = found;
  tell(session, site, found, options);
  if (changes.length === 0) return { headline: `${into} has all that is on ${from}` };
  if (!pull)
    return {
      headline: `no pull request is open: ${into} lacks ${sizeOf(found)} of ${from}`,
      next: ['bake release'],
    };
  return {
    headline: `#${pull.number} is open, from ${from} to ${into}: ${sizeOf(found)}`,
    changed: [pull.url],
    next: ['bake release --merge'],
  };
}

async function merge(session: Session, site: ReleaseSite, options: ReleaseCommandOptions): Promise<Outcome> {
  const { run } = session;
  const { from, into, environment } = site;
  const merging = { unticked: options.yes, clock: run.clock, signal: run.signal };
  const done = await mergeRelease(site, merging);
  tell(session, site, done, { ...options, outcome: done.outcome });
  if (done.outcome === 'nothing')
    return { headline: `nothing to release: ${into} has all that is on ${from}` };
  const { number, url } = done.pull;
  const e = environment === 'default' ? '' : ` -e ${environment}`;
  return {
    headline: `#${number} is merged: ${count(done.changes.length, 'change')} in ${into} as ${done.merged.slice(0, 7)}`,
    changed: [url, `The workflow of ${into} rolls it out. From here it goes the same way:`],
    next: [
      `git fetch origin ${into} && git checkout --detach FETCH_HEAD`,
      `bake build${e} && bake rollout${e}`,
    ],
  };
}

/** "3 changes, 1 box open". */
function sizeOf({ changes, open, pull }: Release): string {
  const all = count(changes.length, 'change');
  if (!pull) return all;
  return open.length === 0
    ? `${all}, every box ticked`
    : `${all}, ${count(open.length, 'box', 'boxes')} open`;
}

/** The boxes: for machines as a fact, for people a line each. */
function tell(
  { run }: Session,
  { from, into }: ReleaseSite,
  { changes, open, pull, url }: Release,
  { json, outcome }: GlobalOptions & { outcome?: string },
): void {
  const unticked = new Set<Change>(open);
  run.fact('release.pull', {
    ...{ outcome, from, into, url },
    pull: pull && { number: pull.number, url: pull.url },
    changes: changes.map((change) => ({
      ...change,
      author: change.author.name,
      ticked: !unticked.has(change),
    })),
  });
  if (json) return;
  for (const change of changes) {
    const box = pull ? `[${unticked.has(change) ? ' ' : 'x'}] ` : '';
    run.note(`${box}${change.key.slice(0, 7)} ${change.title} (${change.author.name})`);
  }
}
