import { count, formatDuration } from '../../run/format.ts';
import { html, type Markup } from './markup.ts';
import type { Story, StoryStep } from './story.ts';
import { axis, grid, type TimeScale } from './time-scale.ts';

const MARK = { done: '✓', failed: '✗', skipped: '–', running: '▸' };
const WORD = { done: 'done', failed: 'failed', skipped: 'skipped', running: 'not ended' };

/** The steps as bars over the time of the run, with what came of each. */
export const stepsSection = (story: Story, scale: TimeScale): Markup => html`
<section aria-labelledby="steps"><h2 id="steps">Steps</h2>
<table class="bars"><caption class="hidden">Every step, when it began, how long it took, and what came of it</caption>
<thead><tr><th scope="col">Step</th><th scope="col" class="time">Took</th><th scope="col" class="wide">${axis(scale)}<span class="hidden">When</span></th></tr></thead>
<tbody>${story.steps.map((step) => row(step, story, scale))}</tbody></table>
${story.steps.filter(({ output }) => output.length > 0).map(outputOf)}
</section>`;

function row(step: StoryStep, story: Story, scale: TimeScale): Markup {
  const { title, state, depth, startedAt, endedAt = story.to } = step;
  const words = step.checks.length > 0 ? checksOf(step) : step.words;
  const took = state === 'skipped' ? '' : formatDuration(endedAt - startedAt);
  const x = scale.at(startedAt);
  // What took no time is still to be seen.
  const width = Math.max(0.3, scale.at(endedAt) - x);
  const bar =
    state === 'skipped'
      ? ''
      : html`<rect class="${state}" x="${x}%" width="${width}%" y="3" height="10" rx="2"/>`;
  return html`<tr class="${state}"><th scope="row" style="--depth:${depth}"><span class="mark" title="${WORD[state]}">${MARK[state]}</span><span class="hidden"> ${WORD[state]}: </span>${title}${
    words && html`<span class="words">${words}</span>`
  }</th><td class="time">${took}</td><td class="wide"><svg width="100%" height="16" aria-hidden="true">${grid(scale)}${bar}</svg></td></tr>`;
}

/** The gates' own section has the sentences. */
function checksOf({ checks }: StoryStep): string {
  const passed = checks.filter(({ verdict }) => verdict === 'passed').length;
  return passed === checks.length
    ? `${count(passed, 'test')} passed`
    : `${passed} of ${count(checks.length, 'test')} passed`;
}

const outputOf = ({ title, output, dropped }: StoryStep): Markup => html`
<details><summary>Output of “${title}” (${count(output.length + dropped, 'line')})</summary>
<pre>${dropped > 0 && `… ${dropped} lines before these\n`}${output.join('\n')}</pre></details>`;
