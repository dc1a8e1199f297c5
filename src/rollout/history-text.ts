import { count, formatDuration, table } from '../run/format.ts';
import type { FleetHistory, PastRelease } from './history.ts';

/** The history as lines of plain text, newest first, an aligned table. `now` in milliseconds since the epoch. Pure. */
export function historyLines(
  { releases, colours }: Pick<FleetHistory, 'releases' | 'colours'>,
  wayBack: PastRelease | undefined,
  now: number,
): string[] {
  const rows = releases.map((one) => [
    String(one.version),
    one.release ?? '-',
    one.imageId,
    one.gitCommit?.slice(0, 7) ?? '-',
    `${formatDuration(Math.max(0, now - one.createdAt))} ago`,
    runsOn(one, colours.back !== undefined),
    marks(one, one === wayBack && !one.current),
  ]);
  return table([['VERSION', 'RELEASE', 'IMAGE', 'GIT', 'BROUGHT', 'RUNS ON', ''], ...rows]);
}

/** What the history comes to in one sentence. */
export function historyHeadline(
  { releases, colours }: Pick<FleetHistory, 'releases' | 'colours'>,
  wayBack: PastRelease | undefined,
): string {
  const current = releases.find((one) => one.current);
  const now = current ? `runs ${short(current)}` : 'launches no numbered version';
  const back = !wayBack
    ? 'there is no verified way back'
    : wayBack === current
      ? 'the last rollout has left nothing to take back'
      : `the way back is ${short(wayBack)}`;
  return `${colours.front.name} ${now}; ${back}`;
}

const short = ({ release, version }: PastRelease) =>
  release === undefined ? `version ${version}` : `release ${release}`;

function runsOn({ front, back }: PastRelease, two: boolean): string {
  if (!two) return front > 0 ? count(front, 'instance') : '-';
  const places = [front > 0 && `${front} in front`, back > 0 && `${back} behind`].filter(Boolean);
  return places.length > 0 ? places.join(', ') : '-';
}

const marks = ({ current, verified, imageGone }: PastRelease, isWayBack: boolean): string =>
  [
    current && 'launched now',
    verified && 'verified',
    isWayBack && '← way back',
    imageGone && 'its image is gone',
  ]
    .filter(Boolean)
    .join(', ');
