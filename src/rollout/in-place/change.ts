import type { Run } from '../../run/run.ts';
import { ownerName } from '../lock-words.ts';
import { awaitHealth } from './health.ts';
import type { Host } from './host.ts';
import type { Site } from './site.ts';
import { type HostState, verified } from './state.ts';
import { type Links, restart, settle, switchLinks } from './switch.ts';

/** What becomes of a server: where its links go, and what that is called in its history. */
export interface Change {
  links: Links & { current: string };
  what: 'rollout' | 'rollback' | 'switch back';
}

/** Switches a server, restarts its service and waits until it is well. What ran before is written down first, and forgotten last. */
export async function change(
  site: Site,
  host: Host,
  state: HostState,
  { links, what }: Change,
  say: (words: string) => void,
): Promise<void> {
  const { run, config } = site;
  const before = verified(state);
  say(`switching to ${links.current}`);
  await switchLinks(host, config.root, links, {
    ...{ run: run.id, release: links.current },
    ...{ from: before.current, before: before.previous },
  });
  say(`restarting ${config.service}`);
  await restart(host, config);
  await awaitHealth(run, host, config, say);
  await settle(
    host,
    config.root,
    links.current,
    entryOf(run, { what, release: links.current, from: before.current }),
  );
}

/** Undoes a switch, whether it had come to its end or not: to what ran well before. Says how that went; throws where it is not well again. */
export async function switchBack(site: Site, host: Host, before: Links, left: string): Promise<string> {
  const { run, config } = site;
  const { current, previous } = before;
  const pending = { run: run.id, release: current ?? left, from: current, before: previous };
  await switchLinks(host, config.root, before, pending);
  const entry = entryOf(run, { what: 'switch back', release: current, from: left });
  if (current !== undefined) {
    await restart(host, config);
    await awaitHealth(run, host, config);
  }
  await settle(host, config.root, current, entry);
  return current === undefined
    ? 'there was no release before: it has none again'
    : `switched back to ${current}, and well again`;
}

/** A line of a server's history. */
export interface HistoryEntry {
  at: number;
  by: string;
  run: string;
  what: Change['what'];
  /** What runs since; undefined: nothing. */
  release?: string;
  from?: string;
}

const entryOf = (run: Run, entry: Pick<HistoryEntry, 'what' | 'release' | 'from'>): HistoryEntry => ({
  ...{ at: run.clock.now(), by: ownerName(process.env), run: run.id },
  ...entry,
});
