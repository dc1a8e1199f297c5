import { formatDuration } from '../../run/format.ts';
import { html, type Markup } from './markup.ts';

/** What came of one part of a rehearsal, as its fact says. */
export interface TriedFact {
  title: string;
  about: string;
  verdict: 'as-expected' | 'not-as-expected' | 'left-out';
  happened: string;
  means: string;
  checks: { ok: boolean; words: string }[];
  details: string[];
  durationMs: number;
}

const MARK = { 'as-expected': '✓', 'not-as-expected': '✗', 'left-out': '–' };
const CLASS = { 'as-expected': 'done', 'not-as-expected': 'failed', 'left-out': 'skipped' };

/** What was tried in a rehearsal, what happened, and what that means. */
export const rehearsalSection = (tried: TriedFact[]): Markup | undefined =>
  tried.length === 0
    ? undefined
    : html`
<section aria-labelledby="tried"><h2 id="tried">Tried</h2>${tried.map(article)}</section>`;

const article = ({ title, about, verdict, happened, means, checks, details, durationMs }: TriedFact) => html`
<article class="${CLASS[verdict]}"><h3><span aria-hidden="true">${MARK[verdict]}</span> ${title}${verdict !== 'left-out' && ` (${formatDuration(durationMs)})`}</h3>
<p>${about}</p><p><b>${verdict === 'left-out' ? 'Left out:' : 'What happened:'}</b> ${happened}</p>
${details.length > 0 && html`<pre>${details.join('\n')}</pre>`}
${checks.length > 0 && html`<ul>${checks.map(({ ok, words }) => html`<li class="${ok ? 'passed' : 'failed'}"><span aria-hidden="true">${ok ? '✓' : '✗'}</span> ${words}</li>`)}</ul>`}
${means !== '' && html`<p class="hint">→ ${means}</p>`}</article>`;
