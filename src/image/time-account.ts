import type { Clock } from '../run/clock.ts';
import { formatDuration } from '../run/format.ts';

/** How long something took, milliseconds. A part of a step is named `step/part`. */
export interface StepTime {
  step: string;
  durationMs: number;
  /** Of it, the most that was lost because bake did not look at the very moment. */
  pollingMs?: number;
}

/** Where a run's time went. */
export interface TimeAccount {
  steps: StepTime[];
  /** The most that was lost because bake did not look at the very moment: the pauses before each awaited end was seen. */
  pollingMs: number;
}

/** The run's clock, which keeps count of what polling may have cost. */
export class MeteredClock implements Clock {
  pollingMs = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }

  noticed(afterMs: number): void {
    this.pollingMs += afterMs;
  }
}

/** The account of this run as a table, beside that of the run before where there is one. */
export function accountLines(now: TimeAccount, before?: TimeAccount): string[] {
  const own = rowsOf(now);
  const earlier = new Map(before && rowsOf(before));
  const cells = [['time', 'this run', before ? 'last run' : '']];
  for (const [step, ms] of own) {
    const last = earlier.get(step);
    cells.push([labelOf(step), formatDuration(ms), last === undefined ? '' : formatDuration(last)]);
  }
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  return cells.map(([label, here, last]) =>
    `${label!.padEnd(widths[0]!)}  ${here!.padStart(widths[1]!)}  ${last!.padStart(widths[2]!)}`.trimEnd(),
  );
}

/** A step that was taken several times (stop) is one row. */
function rowsOf({ steps, pollingMs }: TimeAccount): Map<string, number> {
  const rows = new Map<string, number>();
  // A part is done before its step; it is told below it.
  const order = [...steps].sort((a, b) => firstOf(steps, a) - firstOf(steps, b) || depth(a) - depth(b));
  for (const { step, durationMs } of order) rows.set(step, (rows.get(step) ?? 0) + durationMs);
  rows.set(POLLING, pollingMs);
  return rows;
}

const POLLING = 'waiting between polls, at most';
const depth = ({ step }: StepTime) => (step.includes('/') ? 1 : 0);
const stepOf = ({ step }: StepTime) => step.split('/')[0]!;
const firstOf = (steps: StepTime[], wanted: StepTime) =>
  steps.findIndex((step) => stepOf(step) === stepOf(wanted));

/** "snapshot of base-os" says more than the name of the step. */
function labelOf(step: string): string {
  const [outer, ...part] = step.split('/');
  if (part.length > 0) return `  ${part.join('/')}`;
  if (outer === 'image') return 'snapshot';
  if (outer === 'layer-images') return 'layer images';
  return outer!.replace(/^image-/, 'snapshot of ').replace(/^layer-/, 'layer ');
}
