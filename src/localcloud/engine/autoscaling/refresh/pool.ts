import type { Engine } from '../../engine.ts';
import { requireGroup } from '../groups.ts';
import { isTerminating, type MemberRecord, poolOf } from '../members.ts';
import { beginTermination } from '../termination.ts';
import { poolSize } from '../warm-pool/size.ts';
import type { PoolProgress, RefreshRecord } from './record.ts';
import { judge } from './view.ts';

interface PoolView {
  size: number;
  /** To be replaced. */
  old: MemberRecord[];
  /** Replacements, warmed and not. */
  news: MemberRecord[];
  /** Warmed, old ones too. */
  ready: MemberRecord[];
  leaving: number;
}

function viewPool(engine: Engine, refresh: RefreshRecord): PoolView | undefined {
  const group = requireGroup(engine, refresh.group);
  if (!group.warmPool) return undefined;
  const fate = judge(engine, refresh);
  const pool = poolOf(engine, refresh.group);
  return {
    size: poolSize(group),
    old: pool.filter((member) => fate(member) === 'replace'),
    news: pool.filter((member) => fate(member) === 'new'),
    ready: pool.filter(isWarmed),
    leaving: pool.filter(isTerminating).length,
  };
}

const isWarmed = ({ state }: MemberRecord) => !/Pending|Terminating/.test(state);

/** How far the warm pool is; undefined without one. */
export function poolProgress(engine: Engine, refresh: RefreshRecord): PoolProgress | undefined {
  const view = viewPool(engine, refresh);
  if (!view) return undefined;
  const done = view.news.filter(isWarmed).length;
  const total = view.news.length + view.old.length;
  return { percent: total === 0 ? 100 : Math.floor((100 * done) / total), toUpdate: view.old.length };
}

/** The pool is as the refresh wants it, or there is none. */
export function isPoolComplete(engine: Engine, refresh: RefreshRecord): boolean {
  const view = viewPool(engine, refresh);
  if (!view) return true;
  return view.old.length === 0 && view.leaving === 0 && view.ready.length >= view.size;
}

/** When the live instances are done: ends as many old ones of the pool as are ready above its own lower bound, at least one. */
export function replacePool(engine: Engine, refresh: RefreshRecord): void {
  const view = viewPool(engine, refresh);
  if (!view || view.old.length === 0) return;
  const lower = Math.ceil((view.size * refresh.preferences.min) / 100);
  const settled = view.ready.length >= view.size && view.leaving === 0;
  const count = Math.max(view.ready.length - lower, settled ? 1 : 0);
  for (const member of view.old.slice(0, Math.max(0, count))) {
    beginTermination(engine, requireGroup(engine, refresh.group), member, {
      cause: 'an instance was taken out of the warm pool in response to an instance refresh',
      refresh: refresh.id,
    });
  }
}
