import { formatDuration } from '../../run/format.ts';
import { html, type Markup } from './markup.ts';

/** The time of a run as a way from 0 to 100 per cent. */
export interface TimeScale {
  /** Where a moment (milliseconds since the epoch) is, in per cent with two decimals. */
  at(time: number): number;
  /** Where it begins, milliseconds since the epoch. */
  start: number;
  /** Moments worth a mark, from the beginning. */
  ticks: { at: number; label: string }[];
}

/** What people count in, milliseconds. */
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
  600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];
const MOST_TICKS = 8;

export function timeScale(from: number, to: number): TimeScale {
  const length = Math.max(1, to - from);
  const step = STEPS.find((ms) => length / ms <= MOST_TICKS) ?? length;
  const percent = (ms: number) => Math.round(Math.min(100, Math.max(0, (ms * 100) / length)) * 100) / 100;
  const ticks = [];
  for (let ms = step; ms <= length * 0.97; ms += step)
    ticks.push({ at: percent(ms), label: formatDuration(ms) });
  return { at: (time) => percent(time - from), start: from, ticks };
}

/** The marks of a scale with what they mean, above what is drawn to it. */
export const axis = (scale: TimeScale): Markup =>
  html`<svg class="axis" width="100%" height="18" aria-hidden="true">${scale.ticks.map(
    ({ at, label }) =>
      html`<line x1="${at}%" x2="${at}%" y1="13" y2="18"/><text x="${at}%" y="10">${label}</text>`,
  )}</svg>`;

/** The same marks as lines behind bars. */
export const grid = (scale: TimeScale): Markup =>
  html`${scale.ticks.map(({ at }) => html`<line class="grid" x1="${at}%" x2="${at}%" y1="0" y2="100%"/>`)}`;
