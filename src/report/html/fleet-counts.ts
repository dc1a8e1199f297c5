import type { FleetStory } from './fleet-story.ts';
import { html, type Markup } from './markup.ts';
import { axis, type TimeScale } from './time-scale.ts';

/** So many colours are told apart; the first is for what ran before. */
const COLOURS = 5;
/** Pixels. */
const HEIGHT = 120;
/** A chart of a screen's width shows no more changes than this. */
const COLUMNS = 600;

/** The class of the colour of the n-th release. */
export const colourOf = (index: number): string => `kind-${Math.max(0, index) % COLOURS}`;

/** How many instances of each release were in service at any moment, one above the other, and how many were wanted. */
export function countsChart(fleet: FleetStory, scale: TimeScale, end: number): Markup {
  const { kinds } = fleet;
  const { moments, counts } = countsOf(fleet, end);
  const wanted = wantedAt(fleet, moments);
  const most = Math.max(1, ...counts.map((row) => row.reduce((sum, n) => sum + n, 0)), ...wanted);
  const below = moments.map(() => 0);
  const layers = kinds.map((_, kind) => {
    const bottom = [...below];
    for (const [i, row] of counts.entries()) below[i]! += row[kind]!;
    return area(moments.map(scale.at), bottom, [...below], scale.at(end), most);
  });
  const line = stairs(moments.map(scale.at), wanted, scale.at(end), most).join('');
  const last = counts.at(-1)!;
  const ends = kinds.map((kind, i) => `${last[i]} of ${kind}`).join(', ');
  return html`<figure><figcaption>In service; at most ${most} at once, in the end ${ends}. The line is how many were wanted.</figcaption>
${axis(scale)}<svg class="counts" width="100%" height="${HEIGHT}" viewBox="0 0 100 ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="Instances in service by release over time: in the end ${ends}">${layers.map(
    (d, kind) => html`<path class="${colourOf(kind)}" d="${d}"/>`,
  )}<path class="wanted" d="M${line.slice(1)}"/></svg></figure>`;
}

/** At each moment at which something changed (or as many of them as can be seen), how many of each kind were in service. Pure. */
export function countsOf(fleet: FleetStory, end: number): { moments: number[]; counts: number[][] } {
  const { kinds, lives } = fleet;
  const changes: { at: number; kind: number; by: 1 | -1 }[] = [];
  for (const { what, stretches } of lives)
    for (const { phase, from, to } of stretches) {
      if (phase !== 'working') continue;
      const kind = kinds.indexOf(what);
      changes.push({ at: from, kind, by: 1 });
      if (to !== undefined) changes.push({ at: to, kind, by: -1 });
    }
  changes.sort((a, b) => a.at - b.at);
  const first = fleet.wanted[0]?.at ?? changes[0]?.at ?? end;
  const now = kinds.map(() => 0);
  const moments = [first];
  const counts = [[...now]];
  const apart = (end - first) / COLUMNS;
  for (const { at, kind, by } of changes) {
    now[kind]! += by;
    if (at === moments.at(-1) || at - moments.at(-1)! < apart) counts[counts.length - 1] = [...now];
    else {
      moments.push(at);
      counts.push([...now]);
    }
  }
  return { moments, counts };
}

function wantedAt({ wanted, groups }: FleetStory, moments: number[]): number[] {
  return moments.map((moment) =>
    groups
      .map((group) => wanted.findLast((each) => each.group === group && each.at <= moment)?.desired ?? 0)
      .reduce((sum, desired) => sum + desired, 0),
  );
}

const heightOf = (n: number, most: number) => Math.round((1 - n / most) * (HEIGHT - 4) + 2);

/** "L x y" along steps: each value holds until the next. */
function stairs(xs: number[], values: number[], end: number, most: number): string[] {
  return xs.flatMap((x, i) => {
    const y = heightOf(values[i]!, most);
    return [`L${x} ${y}`, `L${xs[i + 1] ?? end} ${y}`];
  });
}

function area(xs: number[], bottom: number[], top: number[], end: number, most: number): string {
  const above = stairs(xs, top, end, most);
  const under = stairs(xs, bottom, end, most).reverse();
  return `M${[...above, ...under].join('').slice(1)}z`;
}
