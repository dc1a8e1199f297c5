import type { SeenInstance } from '../../run/events.ts';
import type { EventOf } from '../lines.ts';

/** What an instance was for some time. `away`: in standby, or in a warm pool. */
export type Phase = 'coming' | 'working' | 'ill' | 'leaving' | 'away';

export interface Stretch {
  phase: Phase;
  /** Milliseconds since the epoch. */
  from: number;
  /** Undefined while it goes on. */
  to?: number;
}

/** The life of one instance as far as it was seen. */
export interface Life {
  id: string;
  group: string;
  /** "release 2", "version 3" or "unknown": what it runs. */
  what: string;
  stretches: Stretch[];
}

/** Every instance that was seen in the run's groups, in the order in which they came. */
export class FleetStory {
  readonly #lives = new Map<string, Life>();
  /** How many were wanted, by group: every change. */
  readonly wanted: { at: number; group: string; desired: number }[] = [];

  get lives(): Life[] {
    return [...this.#lives.values()];
  }

  /** What was run, in the order in which it was first seen. */
  get kinds(): string[] {
    return [...new Set(this.lives.map(({ what }) => what))];
  }

  get groups(): string[] {
    return [...new Set(this.lives.map(({ group }) => group))];
  }

  see({ group, desired, instances, gone }: EventOf<'fleet.seen'>, at: number): void {
    if (this.wanted.findLast((each) => each.group === group)?.desired !== desired)
      this.wanted.push({ at, group, desired });
    for (const seen of instances) this.#live(group, seen, at);
    for (const id of gone) this.#last(this.#lives.get(id), at);
  }

  #live(group: string, seen: SeenInstance, at: number): void {
    const life = this.#lives.get(seen.id) ?? { id: seen.id, group, what: '', stretches: [] };
    this.#lives.set(seen.id, life);
    life.what = whatOf(seen);
    const phase = phaseOf(seen);
    const last = life.stretches.at(-1);
    if (last?.phase === phase && last.to === undefined) return;
    this.#last(life, at);
    life.stretches.push({ phase, from: at });
  }

  #last(life: Life | undefined, at: number): void {
    const last = life?.stretches.at(-1);
    if (last && last.to === undefined) last.to = at;
  }
}

const whatOf = ({ release, version }: SeenInstance): string =>
  release !== undefined ? `release ${release}` : version !== undefined ? `version ${version}` : 'unknown';

/** AWS: "Pending", "Pending:Wait" … "InService", "Terminating:Wait" …, "Standby", "Warmed:Stopped" … */
function phaseOf({ lifecycle, healthy }: SeenInstance): Phase {
  if (lifecycle === 'InService') return healthy ? 'working' : 'ill';
  if (lifecycle.startsWith('Pending')) return 'coming';
  return /^(Standby|Warmed|EnteringStandby)/.test(lifecycle) ? 'away' : 'leaving';
}
