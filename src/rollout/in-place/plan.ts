import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { formatBytes } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { batchSize } from './batches.ts';
import { preflight } from './preflight.ts';
import { readRelease } from './release.ts';
import { withSite } from './site.ts';

/** What a rollout to servers that stay would do. */
export interface InPlacePlan {
  release: string;
  /** How many servers would be switched. */
  changes: number;
  batches: string[][];
  lines: string[];
}

/** `bake plan rollout` for servers that stay: what would be done where. Changes nothing; fails where the rollout could not begin. */
export const planRollout = (
  run: Run,
  cloud: () => Cloud,
  project: Project,
  name?: string,
): Promise<InPlacePlan> =>
  withSite(run, cloud, project, async (site) => {
    const { hosts, config } = site;
    const release = readRelease(project, config, name);
    const states = await run.step('in-place.preflight', 'Looking at what a rollout would do', () =>
      preflight(site, release),
    );
    const size = batchSize(config.batch, hosts.length);
    const batches: string[][] = [];
    for (let at = 0; at < hosts.length; at += size)
      batches.push(hosts.slice(at, at + size).map((host) => host.name));
    const changing = hosts.filter((host) => states.get(host)!.current !== release.name);
    const lines = [
      `release ${release.name}, ${formatBytes(release.archive.length)} to upload`,
      ...batches.map(
        (batch, index) =>
          `batch ${index + 1}: ${hosts
            .filter((host) => batch.includes(host.name))
            .map((host) => `${host.name} (${states.get(host)!.current ?? 'no release'})`)
            .join(', ')}`,
      ),
    ];
    return { release: release.name, changes: changing.length, batches, lines };
  });
