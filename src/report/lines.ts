import { stripVTControlCharacters } from 'node:util';
import type { RunEvent } from '../run/events.ts';
import { formatDuration } from '../run/format.ts';
import type { Style } from './style.ts';

/** The event of one type. */
export type EventOf<T extends RunEvent['type']> = RunEvent & { type: T };

function startedLine(event: EventOf<'run.started'>, style: Style): string {
  const environment = event.environment === 'default' ? '' : ` (${event.environment})`;
  return `${style('bold', `bake ${event.command}`)} ${event.project}${environment} on ${placeText(event.cloud, event.region, event.command)} ${style('dim', `run ${event.run}`)}`;
}

/** Where a run is: "aws eu-central-1", "the local cloud, eu-central-1"; a rehearsal's own cloud has no region yet. */
export function placeText(cloud: string, region: string, command?: string): string {
  if (cloud === 'none') return { release: 'GitHub', chat: 'Slack' }[command ?? ''] ?? 'servers';
  if (cloud !== 'local') return `${cloud} ${region}`;
  return region === '-' ? 'a local cloud' : `the local cloud, ${region}`;
}

/** "40 % · waiting for 3 instances, about 2 m left" */
export function progressText({ message, percent, remainingMs }: EventOf<'step.progress'>): string {
  const done = percent === undefined ? '' : `${Math.round(percent)} % · `;
  // Less than a second is no estimate any more.
  const left =
    remainingMs === undefined || remainingMs < 1_000 ? '' : `, about ${formatDuration(remainingMs)} left`;
  return `${done}${message}${left}`;
}

/** "Build layer application  ami-1  (12 s)" */
export function endedText(event: EndOfStep, style: Style): string {
  if (event.type === 'step.skipped') return `${event.title}  ${style('dim', event.reason)}`;
  const summary = event.type === 'step.finished' && event.summary ? `  ${event.summary}` : '';
  return `${event.title}${summary}  ${style('dim', `(${formatDuration(event.durationMs)})`)}`;
}

type EndOfStep = EventOf<'step.finished'> | EventOf<'step.failed'> | EventOf<'step.skipped'>;

const MARK = {
  'step.finished': (style: Style) => style('green', '✓'),
  'step.failed': (style: Style) => style('red', '✗'),
  'step.skipped': (style: Style) => style('dim', '-'),
};

/** The line of an event that is told in the same words by every reporter; undefined for what each shows in its own way, or not at all. */
export function lineOf(event: RunEvent, style: Style): string | undefined {
  switch (event.type) {
    case 'run.started':
      return startedLine(event, style);
    case 'step.finished':
    case 'step.failed':
    case 'step.skipped':
      return `${MARK[event.type](style)} ${endedText(event, style)}`;
    case 'note':
      return event.message;
    case 'warning':
      return `${style('yellow', '!')} ${event.message}`;
    default:
      return undefined;
  }
}

/** Colours and cursor movements of a script on an instance would spoil what is around them. */
export const outputLine = (event: EventOf<'step.output'>, style: Style): string =>
  `  ${style('dim', `${event.source} │`)} ${stripVTControlCharacters(event.line)}`;

/** Whether `inner` is a step within `outer`, both being under way: steps of different parts of a run (`web/plan`, `worker/plan`) go on beside each other. */
export function encloses(outer: string, inner: string): boolean {
  const [part] = outer.split('/');
  return !outer.includes('/') || inner.startsWith(`${part}/`);
}
