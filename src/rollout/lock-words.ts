import { BakeError } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { originOf } from '../run/origin.ts';
import type { RolloutRecord } from './record.ts';

/** Who is at work, for others to read: "ann@laptop", or in GitHub Actions the actor and the address of the run. */
export function ownerName(environment: NodeJS.ProcessEnv): string {
  const { by, link } = originOf(environment);
  return link === undefined ? by : `${by} (${link})`;
}

/** "2026-11-21 10:12 UTC" */
const moment = (at: number) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** "`bake rollout` of release 43 (rolling)" */
export const workWords = ({ command, release, strategy }: RolloutRecord): string =>
  [`\`bake ${command}\``, release && `of release ${release}`, strategy && `(${strategy})`]
    .filter(Boolean)
    .join(' ');

/** Somebody is at work. */
export const refusal = (fleet: string, record: RolloutRecord, now: number): BakeError =>
  new BakeError(
    `fleet ${fleet} is locked by ${record.owner}: ${workWords(record)} since ${moment(record.since)} (${formatDuration(now - record.since)} ago); the lock expires at ${moment(record.expires)} unless its process renews it`,
    {
      hint: 'Wait for its end (`bake status` shows it). If you are sure that nobody works on it any more: the same command with --force-unlock.',
    },
  );

/** Nobody is at work any more, and the work is half done. */
export const halfDone = (fleet: string, record: RolloutRecord, how: string): BakeError =>
  new BakeError(
    `${workWords(record)} on fleet ${fleet} is half done: ${record.owner} began it at ${moment(record.since)}, and ${how}`,
    {
      hint:
        record.returning !== undefined || record.strategy === undefined
          ? '`bake rollback` goes on with the way back; --force-unlock begins something else regardless.'
          : '`bake rollout --resume` goes on with it, `bake rollback` undoes it; --force-unlock begins something else regardless.',
    },
  );
