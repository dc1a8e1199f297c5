import {
  Listr,
  ListrDefaultRendererLogLevels,
  ListrLogger,
  type ListrTaskWrapper,
  ProcessOutput,
} from 'listr2';
import type { RunEvent } from '../run/events.ts';
import { type EventOf, endedText, lineOf, outputLine, progressText } from './lines.ts';
import type { Reporter } from './reporter.ts';
import { styleFor } from './style.ts';
import { tellEnd } from './summary.ts';

/** How many of a script's last lines stay in view. */
const LINES_IN_VIEW = 5;
const SHOW_CURSOR = '\u001B[?25h';

// biome-ignore lint/suspicious/noExplicitAny: the renderers' types do not matter to what is done with a task.
type Task = ListrTaskWrapper<unknown, any, any>;

/** The outermost step that is being shown. */
interface Shown {
  name: string;
  task: Task;
  /** Ends the live view, and resolves when it has been drawn for the last time. */
  end(title: string, failed: boolean): Promise<void>;
  progress?: string;
  output: string[];
  /** Lines to be printed when the view has ended: notes, warnings, steps within this one. */
  after: string[];
}

/**
 * The live view: the outermost step is a listr2 task with what happens now under it. Events wait in line while the
 * view of the step before them ends.
 */
export function terminalReporter(out: NodeJS.WriteStream, err: NodeJS.WriteStream): Reporter {
  const style = styleFor(out);
  let shown: Shown | undefined;
  let queue: Promise<void> = Promise.resolve();
  const showCursor = () => void out.write(SHOW_CURSOR);
  process.once('exit', showCursor);

  const print = (line: string) => {
    if (shown) shown.after.push(`  ${line}`);
    else out.write(`${line}\n`);
  };
  const draw = () => {
    if (!shown) return;
    const lines = [shown.progress, ...shown.after, ...shown.output].filter((line) => line !== undefined);
    shown.task.output = lines.slice(0, 1).concat(lines.slice(1).slice(-LINES_IN_VIEW)).join('\n');
  };

  const end = async (event: EventOf<'step.finished'> | EventOf<'step.failed'>) => {
    if (!shown || shown.name !== event.step) {
      print(lineOf(event, style)!);
      draw();
      return;
    }
    const { after } = shown;
    await shown.end(endedText(event, style), event.type === 'step.failed');
    shown = undefined;
    for (const later of after) print(later);
  };

  const tell = async (event: RunEvent): Promise<void> => {
    switch (event.type) {
      case 'step.started':
        if (shown) shown.progress = event.title;
        else shown = await show(event, out, err);
        break;
      case 'step.progress':
        if (shown) shown.progress = progressText(event);
        break;
      case 'step.output':
        shown?.output.push(outputLine(event, style).trimStart());
        shown?.output.splice(0, shown.output.length - LINES_IN_VIEW);
        break;
      case 'step.finished':
      case 'step.failed':
        await end(event);
        break;
      case 'run.finished':
        tellEnd(event, out, err);
        break;
      default: {
        const line = lineOf(event, style);
        if (line !== undefined) print(line);
      }
    }
    draw();
  };

  return {
    emit(event) {
      queue = queue.then(() => tell(event));
    },
    said: () => queue,
    async close() {
      await queue;
      process.removeListener('exit', showCursor);
    },
  };
}

/** Starts the live view of a step; resolves when it is on the screen. */
async function show(
  event: EventOf<'step.started'>,
  out: NodeJS.WriteStream,
  err: NodeJS.WriteStream,
): Promise<Shown> {
  let endView: (error?: Error) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    endView = (error) => (error ? reject(error) : resolve());
  });
  let begun: (task: Task) => void = () => {};
  const started = new Promise<Task>((resolve) => {
    begun = resolve;
  });
  const list = new Listr(
    [
      {
        title: event.title,
        rendererOptions: { outputBar: 1 },
        task(_context, task) {
          begun(task);
          return ended;
        },
      },
    ],
    {
      // Whoever opened this reporter has looked whether there is a terminal.
      forceTTY: true,
      registerSignalListeners: false,
      exitOnError: false,
      rendererOptions: {
        showErrorMessage: false,
        icon: {
          [ListrDefaultRendererLogLevels.COMPLETED]: '✓',
          [ListrDefaultRendererLogLevels.FAILED]: '✗',
        },
        logger: new ListrLogger({ useIcons: true, processOutput: new ProcessOutput(out, err) }),
      },
    },
  );
  const finished = list.run();
  const task = await started;
  return {
    name: event.step,
    task,
    output: [],
    after: [],
    async end(title, failed) {
      task.title = title;
      endView(failed ? new Error(title) : undefined);
      await finished;
    },
  };
}
