import type { RunEvent } from '../run/events.ts';
import { formatDuration } from '../run/format.ts';
import {
  type EventOf,
  endedText,
  MARK,
  outputLine,
  progressText,
  startedLine,
  warningLine,
} from './lines.ts';
import type { Reporter } from './reporter.ts';
import { styleFor } from './style.ts';
import { summaryLines } from './summary.ts';

/** A step that ends within this time is one line; a longer one has a line when it starts, too. */
const ANNOUNCE_AFTER = 1_000;
/** In silence, a step that runs says so this often. */
const HEARTBEAT = 30_000;

interface OpenStep {
  name: string;
  title: string;
  startedAt: number;
  announced: boolean;
  /** What it waits for, as last said. */
  progress?: string;
}

/** A line for each change, for logs and pipes. Failures at the end go to `err`. */
export function plainReporter(out: NodeJS.WritableStream, err: NodeJS.WritableStream): Reporter {
  const style = styleFor(out);
  const open: OpenStep[] = [];
  let timer: NodeJS.Timeout | undefined;

  const listenForSilence = () => {
    clearTimeout(timer);
    const step = open.at(-1);
    if (step) timer = setTimeout(breakSilence, step.announced ? HEARTBEAT : ANNOUNCE_AFTER).unref();
  };
  const say = (line: string, depth = open.length) => out.write(`${'  '.repeat(depth)}${line}\n`);
  const announce = () => {
    for (const [depth, step] of open.entries()) {
      if (!step.announced) say(`${style('cyan', '▸')} ${step.title}`, depth);
      step.announced = true;
    }
  };
  const breakSilence = () => {
    const step = open.at(-1) as OpenStep;
    if (step.announced) {
      const waited = formatDuration(Date.now() - step.startedAt);
      say(style('dim', `… ${step.progress ?? step.title} (${waited} so far)`));
    }
    announce();
    listenForSilence();
  };

  const end = (event: EventOf<'step.finished'> | EventOf<'step.failed'>) => {
    const at = open.findLastIndex((step) => step.name === event.step);
    if (at < open.length - 1) announce();
    open.splice(Math.max(at, 0), 1);
    say(`${MARK[event.type](style)} ${endedText(event, style)}`);
  };

  const tell = (event: RunEvent) => {
    if (event.type === 'fact' || event.type === 'fleet.seen') return;
    if (event.type === 'step.finished' || event.type === 'step.failed') return end(event);
    announce();
    switch (event.type) {
      case 'run.started':
        say(startedLine(event, style));
        break;
      case 'step.started': {
        const startedAt = Date.parse(event.time);
        open.push({ name: event.step, title: event.title, startedAt, announced: false });
        break;
      }
      case 'step.progress': {
        const step = open.findLast(({ name }) => name === event.step);
        if (step) step.progress = progressText(event);
        say(progressText(event));
        break;
      }
      case 'step.output':
        say(outputLine(event, style), open.length - 1);
        break;
      case 'step.skipped':
        say(`${MARK[event.type](style)} ${endedText(event, style)}`);
        break;
      case 'note':
        say(event.message);
        break;
      case 'warning':
        say(warningLine(event.message, style));
        break;
      case 'run.finished':
        (event.ok ? out : err).write(`${summaryLines(event, styleFor(event.ok ? out : err)).join('\n')}\n`);
    }
  };

  return {
    emit(event) {
      tell(event);
      listenForSilence();
    },
    async close() {
      clearTimeout(timer);
    },
  };
}
