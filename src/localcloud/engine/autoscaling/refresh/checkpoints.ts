import type { Engine } from '../../engine.ts';
import { type RefreshRecord, update } from './record.ts';

/** The percentage at which the refresh ends: the last checkpoint, which may be below 100. */
export const lastThreshold = ({ preferences }: RefreshRecord) => preferences.checkpoints.at(-1) ?? 100;

/** Up to where instances may be replaced now; undefined when the last checkpoint is reached. */
export const nextThreshold = (refresh: RefreshRecord) =>
  refresh.preferences.checkpoints.length === 0
    ? 100
    : refresh.preferences.checkpoints.find((percent) => percent > refresh.percent);

/**
 * Notes which checkpoint the present percentage has reached: of several passed at once only the highest. A scale-out may
 * lower the percentage; the checkpoint is then reached, and waited for, again. The last one has no wait after it.
 */
export function noteCheckpoint(engine: Engine, refresh: RefreshRecord, now: number): RefreshRecord {
  const { checkpoints, checkpointDelay } = refresh.preferences;
  const reached = checkpoints.findLast((percent) => percent <= refresh.percent) ?? 0;
  if (reached === refresh.checkpoint) return refresh;
  const waits = reached > refresh.checkpoint && reached !== lastThreshold(refresh);
  if (reached > refresh.checkpoint) {
    engine.log(`instance refresh ${refresh.id} of ${refresh.group}: checkpoint ${reached} % reached`);
  }
  return update(engine, refresh, {
    checkpoint: reached,
    checkpointUntil: waits ? now + engine.latency.scale(checkpointDelay * 1000) : undefined,
  });
}
