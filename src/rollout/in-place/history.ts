import type { Cloud } from '../../clouds/cloud.ts';
import { quote } from '../../communicators/job.ts';
import type { Project } from '../../config/schema.ts';
import { formatDuration, table } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import type { HistoryEntry } from './change.ts';
import { withSite } from './site.ts';
import { parseState, stateScript } from './state.ts';

/** A release that is on the servers, or was. */
export interface ReleaseHistory {
  release: string;
  /** When it began to run the last time, and by whom. */
  at: number;
  by: string;
  /** How many servers run it now, and have it on their disks. */
  running: number;
  there: number;
  servers: number;
  /** How many servers have left it by a way back. */
  takenBack: number;
}

/** Lines that are read of a server's history. */
const LAST = 200;

/** What the servers remember, the last used first. */
export async function historyOf(run: Run, cloud: () => Cloud, project: Project): Promise<ReleaseHistory[]> {
  return withSite(run, cloud, project, async ({ hosts, config }) => {
    const script = `${stateScript(config)}
tail -n ${LAST} ${quote(`${config.root}/.bake/history`)} 2>/dev/null | sed 's/^/history /'`;
    const seen = await Promise.all(
      hosts.map(async (host) => {
        const output = await host.must('reading its history', script);
        const entries = [...output.matchAll(/^history (.*)$/gm)].map(
          ([, line]) => JSON.parse(line!) as HistoryEntry,
        );
        return { state: parseState(output), entries };
      }),
    );
    const found = new Map<string, ReleaseHistory>();
    const of = (release: string): ReleaseHistory => {
      const fresh = { release, at: 0, by: '', running: 0, there: 0, servers: hosts.length, takenBack: 0 };
      return found.get(release) ?? found.set(release, fresh).get(release)!;
    };
    for (const { state, entries } of seen) {
      if (state.current !== undefined) of(state.current).running++;
      for (const { release } of state.releases) of(release).there++;
      for (const { release, from, at, by, what } of entries) {
        if (what !== 'rollout' && from !== undefined) of(from).takenBack++;
        if (release === undefined || of(release).at >= at) continue;
        Object.assign(of(release), { at, by });
      }
    }
    return [...found.values()].sort((a, b) => b.at - a.at);
  });
}

/** A line for each. Pure. */
export const historyRows = (history: ReleaseHistory[], now: number): string[] =>
  history.length === 0
    ? []
    : table([
        ['release', 'last began', 'by', 'runs on', 'kept on', ''],
        ...history.map(({ release, at, by, running, there, servers, takenBack }) => [
          release,
          at === 0 ? 'never' : `${formatDuration(now - at)} ago`,
          by,
          `${running} of ${servers}`,
          `${there} of ${servers}`,
          takenBack > 0 ? 'was taken back' : '',
        ]),
      ]);
