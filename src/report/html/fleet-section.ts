import { count, formatDuration } from '../../run/format.ts';
import { colourOf, countsChart } from './fleet-counts.ts';
import type { FleetStory, Life } from './fleet-story.ts';
import { html, type Markup } from './markup.ts';
import { axis, grid, type TimeScale } from './time-scale.ts';

/** Up to so many instances have a line with a name each. */
const NAMED = 60;
/** Height of a line where it has none, and of all such lines together, pixels. */
const LINE = 6;
const TALLEST = 800;

/** Who ran what, when: how many instances of each release at any moment, and every instance as a bar. */
export function fleetSection(fleet: FleetStory, scale: TimeScale, end: number): Markup | undefined {
  const { lives, kinds } = fleet;
  if (lives.length === 0) return undefined;
  const phases = new Set(lives.flatMap(({ stretches }) => stretches.map(({ phase }) => phase)));
  return html`
<section aria-labelledby="fleet"><h2 id="fleet">Instances</h2>
<ul class="legend">${kinds.map((kind, index) => html`<li><span class="swatch ${colourOf(index)}"></span>${kind}</li>`)}
<li><span class="swatch none coming"></span>coming or leaving</li>${
    phases.has('ill') && html`<li><span class="swatch none ill"></span>unhealthy</li>`
  }${phases.has('away') && html`<li><span class="swatch none away"></span>standby or warm</li>`}</ul>
${countsChart(fleet, scale, end)}
${lives.length <= NAMED ? namedLives(fleet, scale, end) : manyLives(fleet, scale, end)}
</section>`;
}

/** Those of a group stand together; in a group, as they came. */
const ordered = ({ lives, groups }: FleetStory): Life[] =>
  groups.flatMap((group) => lives.filter((life) => life.group === group));

function namedLives(fleet: FleetStory, scale: TimeScale, end: number): Markup {
  const { kinds, groups } = fleet;
  const title = ({ id, what, group }: Life) => `${id}, ${what}${groups.length > 1 ? `, ${group}` : ''}`;
  return html`<table class="bars lives"><caption class="hidden">Every instance, what it ran, and when</caption>
<thead><tr><th scope="col">Instance</th><th scope="col" class="time">Runs</th><th scope="col" class="wide">${axis(scale)}<span class="hidden">When</span></th></tr></thead>
<tbody>${ordered(fleet).map(
    (life) =>
      html`<tr><th scope="row"><code>${life.id}</code>${
        groups.length > 1 && html`<span class="words">${life.group}</span>`
      }</th><td class="time">${life.what}</td><td class="wide"><svg width="100%" height="16" role="img" aria-label="${title(life)}: ${spoken(life, scale, end)}">${grid(scale)}${life.stretches.map(
        ({ phase, from, to = end }) =>
          html`<rect class="${colourOf(kinds.indexOf(life.what))} ${phase}" x="${scale.at(from)}%" width="${Math.max(0.3, scale.at(to) - scale.at(from))}%" y="3" height="10"><title>${title(life)}: ${phase}, ${formatDuration(to - from)}</title></rect>`,
      )}</svg></td></tr>`,
  )}</tbody></table>`;
}

/** A thousand instances are lines without names, drawn as one path for each release and phase; the names are in a table below. */
function manyLives(fleet: FleetStory, scale: TimeScale, end: number): Markup {
  const lives = ordered(fleet);
  const { kinds } = fleet;
  const height = Math.min(LINE * lives.length, TALLEST);
  const paths = new Map<string, string[]>();
  for (const [index, { what, stretches }] of lives.entries())
    for (const { phase, from, to = end } of stretches) {
      const key = `${colourOf(kinds.indexOf(what))} ${phase}`;
      const x = scale.at(from);
      const width = Math.round(Math.max(0.1, scale.at(to) - x) * 100) / 100;
      const bars = paths.get(key) ?? [];
      bars.push(`M${x} ${index}h${width}v1h-${width}z`);
      paths.set(key, bars);
    }
  return html`${axis(scale)}<svg class="many" width="100%" height="${height}" viewBox="0 0 100 ${lives.length}" preserveAspectRatio="none" role="img" aria-label="${count(lives.length, 'instance')} as bars over time; the table below names them">${[
    ...paths,
  ].map(([key, bars]) => html`<path class="${key}" d="${bars.join('')}"/>`)}</svg>
<details><summary>All ${lives.length} instances</summary><table class="list">
<thead><tr><th scope="col">Instance</th><th scope="col">Group</th><th scope="col">Runs</th><th scope="col">When, from the beginning</th></tr></thead>
<tbody>${lives.map(
    (life) =>
      html`<tr><td><code>${life.id}</code></td><td>${life.group}</td><td>${life.what}</td><td>${spoken(life, scale, end)}</td></tr>`,
  )}</tbody></table></details>`;
}

/** "working from 12 s to 3 m, leaving to 4 m" */
function spoken({ stretches }: Life, { start }: TimeScale, end: number): string {
  const words = stretches.map(({ phase, from, to }, index) => {
    const since = index === 0 ? ` from ${formatDuration(from - start)}` : '';
    return `${phase}${since} to ${to === undefined || to >= end ? 'the end' : formatDuration(to - start)}`;
  });
  return words.join(', ');
}
