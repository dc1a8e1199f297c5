import { quote } from '../../communicators/job.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import type { Host } from './host.ts';
import { type HostState, readState } from './state.ts';

/** Directories of releases that go: unfinished ones, and all but the `keep` last used; never current or previous. Pure. */
export function outdated(state: HostState, keep: number): string[] {
  const { current, previous, pending, releases, unfinished } = state;
  const needed = new Set([current, previous, pending?.release, pending?.from, pending?.before]);
  const names = releases.map(({ release }) => release);
  const room = keep - names.filter((name) => needed.has(name)).length;
  const spare = names.filter((name) => !needed.has(name));
  return [...unfinished, ...spare.slice(Math.max(0, room))].filter((name) => !needed.has(name));
}

/** Removes old releases of a server; returns how many went. */
export async function prune(host: Host, config: InPlaceConfig): Promise<number> {
  const gone = outdated(await readState(host, config), config.keep);
  if (gone.length === 0) return 0;
  const directories = gone.map((name) => quote(`${config.root}/releases/${name}`));
  await host.must('removing old releases', `rm -rf ${directories.join(' ')}`);
  return gone.length;
}
