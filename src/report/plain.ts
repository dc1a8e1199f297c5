import type { RunEvent } from '../run/events.ts';
import { formatDuration } from '../run/format.ts';
import { type EventOf, encloses, lineOf, outputLine, progressText } from './lines.ts';
import type { Reporter } from './reporter.ts';
import { styleFor } from './style.ts';
import { tellEnd } from './summary.ts';

/** A step that ends within this time is one line; a longer one has a line when it starts, too. Milliseconds. */
const ANNOUNCE_AFTER = 1_000;
/** Progress in which only numbers change is told this often at most. Milliseconds. */
const PACE = 10_000;
/** In silence, what goes on says so this often: a CI system that hears nothing gives up. Milliseconds. */
const HEARTBEAT = 30_000;

interface OpenStep {
  name: string;
  title: string;
  startedAt: number;
  announced: boolean;
  /** What it waits for, as last heard. */
  progress?: string;
  /** The same without numbers and ids, as last told, and when. */
  told?: { kind: string; at: number };
  /** What was heard since has not been told. */
  behind: boolean;
  /** Parts of the run have gone on within it. */
  parts: boolean;
}

/** A line for each change, for logs and pipes. Failures at the end go to `err`. */
export function plainReporter(out: NodeJS.WritableStream, err: NodeJS.WritableStream): Reporter {
  const style = styleFor(out);
  const open: OpenStep[] = [];
  let saidAt = 0;
  let timer: NodeJS.Timeout | undefined;

  const say = (line: string, depth: number) => {
    saidAt = Date.now();
    out.write(`${'  '.repeat(depth)}${line}\n`);
  };
  /** The steps that something is told within. What belongs to no step is told within those that are of the whole run. */
  const around = (step = '') => open.filter(({ name }) => encloses(name, step));
  const announce = (steps: OpenStep[]) => {
    for (const [depth, step] of steps.entries()) {
      if (!step.announced) say(`${style('cyan', '▸')} ${step.title}`, depth);
      step.announced = true;
    }
  };
  /** Where parts of the run go on beside each other, each tells its own steps: who sums them up speaks only into silence. */
  const isSplit = ({ name, parts }: OpenStep) => parts && !name.includes('/');

  /** The step whose turn it is to speak, and when; in milliseconds from now. */
  const nextWord = (): { step: OpenStep; within: number } | undefined => {
    const step = open.findLast(isSplit) ?? open.at(-1);
    if (!step) return undefined;
    const now = Date.now();
    if (!step.announced) return { step, within: step.startedAt + ANNOUNCE_AFTER - now };
    const beat = saidAt + HEARTBEAT - now;
    const paced = step.behind && step.told && !isSplit(step) ? step.told.at + PACE - now : beat;
    return { step, within: Math.min(beat, paced) };
  };
  const listen = () => {
    clearTimeout(timer);
    const next = nextWord();
    if (next) timer = setTimeout(speak, Math.max(0, next.within), next.step).unref();
  };
  const speak = (step: OpenStep) => {
    const steps = around(step.name);
    if (!step.announced) announce(steps);
    else if (step.behind && !isSplit(step)) tellProgress(step);
    else {
      const waited = formatDuration(Date.now() - step.startedAt);
      say(style('dim', `… ${step.progress ?? step.title} (${waited} so far)`), steps.length);
    }
    listen();
  };

  const tellProgress = (step: OpenStep, at = Date.now()) => {
    step.behind = false;
    step.told = { kind: kindOf(step.progress!), at };
    say(step.progress!, around(step.name).length);
  };
  const progress = (event: EventOf<'step.progress'>) => {
    const step = open.findLast(({ name }) => name === event.step);
    if (!step) return;
    step.progress = progressText(event);
    step.behind = true;
    const at = Date.parse(event.time);
    const { told } = step;
    if (isSplit(step) || (told?.kind === kindOf(step.progress) && at - told.at < PACE)) return;
    announce(around(step.name));
    tellProgress(step, at);
  };

  const end = (event: EventOf<'step.finished'> | EventOf<'step.failed'>) => {
    const at = open.findLastIndex((step) => step.name === event.step);
    const steps = around(event.step);
    // Those within it that go on are not left without a title.
    if (steps.at(-1) !== open[at]) announce(steps);
    open.splice(at, at < 0 ? 0 : 1);
    say(lineOf(event, style)!, around(event.step).length);
  };

  const tell = (event: RunEvent) => {
    switch (event.type) {
      case 'step.started': {
        announce(around(event.step));
        const startedAt = Date.parse(event.time);
        const { step: name, title } = event;
        if (name.includes('/')) for (const step of open) step.parts = true;
        open.push({ name, title, startedAt, announced: false, behind: false, parts: false });
        break;
      }
      case 'step.progress':
        progress(event);
        break;
      case 'step.output':
        announce(around(event.step));
        say(outputLine(event, style), around(event.step).length - 1);
        break;
      case 'step.finished':
      case 'step.failed':
        end(event);
        break;
      case 'run.finished':
        tellEnd(event, out, err);
        break;
      default: {
        const line = lineOf(event, style);
        if (line === undefined) break;
        const steps = around('step' in event ? event.step : '');
        announce(steps);
        say(line, steps.length);
      }
    }
  };

  return {
    emit(event) {
      tell(event);
      listen();
    },
    async close() {
      clearTimeout(timer);
    },
  };
}

/** The same sentence about other instances and other numbers is no news. */
const kindOf = (progress: string): string => progress.replace(/\bi-[0-9a-f]+|[\d.,]+/g, '#');
