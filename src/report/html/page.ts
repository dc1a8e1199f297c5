import { count, formatDuration } from '../../run/format.ts';
import { placeText } from '../lines.ts';
import { fleetSection } from './fleet-section.ts';
import { html, type Markup } from './markup.ts';
import { rehearsalSection } from './rehearsal-section.ts';
import { stepsSection } from './steps-section.ts';
import type { SmokeFact, Story, StoryStep } from './story.ts';
import { STYLE } from './style.ts';
import { timeScale } from './time-scale.ts';

/**
 * The page that tells a run: one file that needs nothing else, and no script. It is whole at any time: of a run that goes on, it
 * tells what was so far.
 */
export function runPage(story: Story): string {
  const { started, finished, from, to } = story;
  const title = started ? `bake ${started.command} ${started.project}` : `bake run ${story.run}`;
  const scale = timeScale(from, to);
  const state = finished ? (finished.ok ? 'done' : 'failed') : 'running';
  return html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${MARK[state]} ${title}</title>
<style>${STYLE}</style></head>
<body><header><p class="run">${title}${started && place(started)}</p>
<h1 class="${state}"><span aria-hidden="true">${MARK[state]}</span> ${finished?.headline ?? 'This run had not ended when the page was written'}</h1>
<p class="run">${dayOf(from)}, ${formatDuration(to - from)}, run <code>${story.run}</code></p></header>
<main>${finished && endSection(finished)}
${rehearsalSection(story.tried)}
${stepsSection(story, scale)}
${fleetSection(story.fleet, scale, to)}
${gatesSection(story.gates)}
${remarksSection(story)}
${factsSection(story)}</main></body></html>
`.text;
}

const MARK = { done: '✓', failed: '✗', running: '▸' };

/** "2026-11-21 10:32:19 UTC" */
const dayOf = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

type Started = NonNullable<Story['started']>;
const place = ({ environment, cloud, region }: Started): string =>
  `${environment === 'default' ? '' : ` (${environment})`} on ${placeText(cloud, region)}`;

/** Why it failed with what speaks for it, what changed, and what to type next. */
const endSection = ({ error, changed, next }: NonNullable<Story['finished']>): Markup => html`
${
  error &&
  html`<section class="error" aria-labelledby="why"><h2 id="why">Why</h2><p>${error.message}</p>
${error.details.length > 0 && html`<pre>${error.details.join('\n')}</pre>`}
${error.hint !== undefined && html`<p class="hint">→ ${error.hint}</p>`}</section>`
}
${changed.length > 0 && html`<section aria-labelledby="changed"><h2 id="changed">What changed</h2><ul>${changed.map((line) => html`<li>${line}</li>`)}</ul></section>`}
${next.length > 0 && html`<section aria-labelledby="next"><h2 id="next">Next</h2><pre>${next.join('\n')}</pre></section>`}`;

const VERDICT: Record<string, string> = { passed: '✓', failed: '✗', inconclusive: '?' };

const gatesSection = (gates: StoryStep[]): Markup | undefined =>
  gates.length === 0
    ? undefined
    : html`
<section aria-labelledby="gates"><h2 id="gates">Gates</h2>${gates.map(
        ({ title, state, words, checks }) => html`
<article class="${state}"><h3><span aria-hidden="true">${state === 'failed' ? '✗' : state === 'done' ? '✓' : '–'}</span> ${title}</h3>
${checks.length > 0 ? html`<ul>${checks.map(checkItem)}</ul>` : html`<p>${words}</p>`}</article>`,
      )}</section>`;

const checkItem = ({ name, about, verdict, summary, details }: SmokeFact): Markup => html`
<li class="${verdict}"><span aria-hidden="true">${VERDICT[verdict]}</span> <b>${name}</b>${about !== undefined && ` ${about}`} ${verdict}: ${summary}${
  details.length > 0 && html`<pre>${details.join('\n')}</pre>`
}</li>`;

function remarksSection({ remarks, droppedRemarks, from }: Story): Markup | undefined {
  const warnings = remarks.filter(({ kind }) => kind === 'warning');
  const notes = remarks.filter(({ kind }) => kind === 'note');
  const list = (said: typeof remarks) =>
    html`<table class="list">${said.map(({ at, text }) => html`<tr><td class="time">${formatDuration(at - from)}</td><td class="said">${text}</td></tr>`)}</table>`;
  if (remarks.length === 0) return undefined;
  return html`<section aria-labelledby="remarks"><h2 id="remarks">Remarks</h2>
${warnings.length > 0 && html`<h3>${count(warnings.length, 'warning')}</h3>${list(warnings)}`}
${notes.length > 0 && html`<details><summary>${count(notes.length, 'note')}</summary>${list(notes)}</details>`}
${droppedRemarks > 0 && html`<p>${droppedRemarks} earlier ones are left out.</p>`}</section>`;
}

/** A fact of more characters is for machines; the events have it. */
const LONGEST_FACT = 20_000;

function factsSection({ facts }: Story): Markup | undefined {
  if (facts.size === 0) return undefined;
  const text = (value: unknown) => {
    const written = JSON.stringify(value, null, 2) ?? '';
    return written.length > LONGEST_FACT ? `${written.slice(0, LONGEST_FACT)}\n…` : written;
  };
  return html`<section aria-labelledby="facts"><h2 id="facts">Facts</h2>${[...facts].map(
    ([name, value]) => html`<details><summary>${name}</summary><pre>${text(value)}</pre></details>`,
  )}</section>`;
}
