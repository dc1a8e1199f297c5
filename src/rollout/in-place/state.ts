import { quote } from '../../communicators/job.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import type { Host } from './host.ts';
import { printHolder } from './lock.ts';

/** What is known of a release on a server: the file `.bake-release` in its directory, written when it is whole. */
export interface ReleaseMark {
  release: string;
  digest: string;
  run: string;
}

/** A switch that is neither verified nor undone: the file `.bake/pending`, there from before the switch until after its health check. */
export interface Pending {
  run: string;
  release: string;
  /** What ran well before, and what stood before that. */
  from?: string;
  before?: string;
}

/** What stands on a server. */
export interface HostState {
  /** Where the links point; undefined when they are not there. */
  current?: string;
  previous?: string;
  pending?: Pending;
  /** Whole releases, the last used first. */
  releases: (ReleaseMark & { usedAt: number })[];
  /** Directories of releases that were never finished. */
  unfinished: string[];
  /** systemd's word: "active", "failed", "inactive" … */
  unit: string;
  /** Who works on it now. */
  holder?: string;
  /** What stands in the way of links and directories, in words. */
  strange: string[];
}

/** The release that ran well last, and the one before it: what a switch that has not been verified is undone to. Pure. */
export function verified({ current, previous, pending }: HostState): { current?: string; previous?: string } {
  return pending ? { current: pending.from, previous: pending.before } : { current, previous };
}

/** Prints what `parseState` reads. Changes nothing. */
export const stateScript = ({ root, service }: Pick<InPlaceConfig, 'root' | 'service'>): string => `
echo "unit $(systemctl is-active ${quote(service)} 2>/dev/null)"
if cd ${quote(root)} 2>/dev/null; then
  for name in current previous; do
    if [ -L $name ]; then
      case $(readlink $name) in
        releases/*) echo "$name $(readlink $name | cut -c10-)" ;;
        *) echo "strange $name points to $(readlink $name)" ;;
      esac
    elif [ -e $name ]; then echo "strange $name is no link"
    fi
  done
  if [ -s .bake/pending ]; then echo "pending $(cat .bake/pending)"; fi
  for mark in releases/*/.bake-release; do
    if [ -s "$mark" ]; then echo "release $(stat -c %Y "$mark") $(cat "$mark")"; fi
  done
  for directory in releases/*/; do
    if [ -d "$directory" ] && [ ! -s "$directory.bake-release" ]; then echo "unfinished $(basename "$directory")"; fi
  done
  ${printHolder}
fi`;

/** Pure. */
export function parseState(output: string): HostState {
  const state: HostState = { releases: [], unfinished: [], strange: [], unit: 'unknown' };
  for (const line of output.split('\n')) {
    const [, key = '', value = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
    if (key === 'current' || key === 'previous') state[key] = value;
    else if (key === 'pending') state.pending = JSON.parse(value);
    else if (key === 'unit') state.unit = value || 'unknown';
    else if (key === 'held') state.holder = value || 'somebody';
    else if (key === 'unfinished' || key === 'strange') state[key].push(value);
    else if (key === 'release') {
      const [, time = '0', mark = '{}'] = /^(\d+) (.*)$/.exec(value) ?? [];
      state.releases.push({ ...(JSON.parse(mark) as ReleaseMark), usedAt: Number(time) * 1_000 });
    }
  }
  state.releases.sort((a, b) => b.usedAt - a.usedAt);
  return state;
}

export const readState = async (host: Host, config: InPlaceConfig): Promise<HostState> =>
  parseState(await host.must('looking at what is there', stateScript(config)));
