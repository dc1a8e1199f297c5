import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { messageOf } from '../../run/errors.ts';
import { count, table } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { lookAtHealth } from './health.ts';
import type { Host } from './host.ts';
import { type Site, withSite } from './site.ts';
import { type HostState, readState } from './state.ts';

/** What `bake status` tells of a server. */
export interface HostStatus {
  name: string;
  current?: string;
  previous?: string;
  /** The release of a switch that was neither verified nor undone. */
  halfDone?: string;
  holder?: string;
  /** What is wrong with it; undefined: it is well. */
  problem?: string;
}

export async function readStatus(run: Run, cloud: () => Cloud, project: Project): Promise<HostStatus[]> {
  return withSite(run, cloud, project, async (site) =>
    (await readAll(site)).map(({ host, seen, problem }) => ({
      name: host.name,
      current: seen?.current,
      previous: seen?.previous,
      halfDone: seen?.pending?.release,
      holder: seen?.holder,
      problem,
    })),
  );
}

/** What stands on every server; one that cannot be reached does not hide the others. */
async function readAll({
  hosts,
  config,
}: Site): Promise<{ host: Host; seen?: HostState; problem?: string }[]> {
  return Promise.all(
    hosts.map(async (host) => {
      try {
        const seen = await readState(host, config);
        if (seen.current === undefined) return { host, seen, problem: 'no release yet' };
        return { host, seen, problem: (await lookAtHealth(host, config)).problem };
      } catch (error) {
        return { host, problem: messageOf(error) };
      }
    }),
  );
}

/** A line for each server. Pure. */
export const statusRows = (status: HostStatus[]): string[] => [
  ...table([
    ['server', 'current', 'previous', 'state'],
    ...status.map((one) => [one.name, one.current ?? '-', one.previous ?? '-', stateWords(one)]),
  ]),
];

const stateWords = ({ halfDone, holder, problem }: HostStatus): string =>
  [
    problem ?? 'well',
    halfDone !== undefined && `the switch to ${halfDone} is half done`,
    holder !== undefined && `${holder} is at work on it`,
  ]
    .filter(Boolean)
    .join('; ');

/** Pure. */
export function statusHeadline(status: HostStatus[]): string {
  const releases = [...new Set(status.flatMap(({ current }) => current ?? []))];
  const well = status.filter(({ problem }) => problem === undefined).length;
  const what =
    releases.length === 0
      ? 'no release'
      : releases.length === 1
        ? `release ${releases[0]}`
        : `${releases.length} releases (${releases.join(', ')})`;
  return `${what} on ${count(status.length, 'server')}, ${well} well`;
}
