import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { readStories } from '../report/html/read-events.ts';
import { writePage } from '../report/html/reporter.ts';
import { usageError } from '../run/errors.ts';
import { withFailures } from './failure.ts';
import type { GlobalOptions } from './session.ts';

interface ReportOptions extends GlobalOptions {
  output?: string;
  /** --run: which of several runs. */
  run?: string;
}

/** `bake report EVENTS`: the page of a run from what `--json` wrote, however far it came. */
export const report = (options: ReportOptions, events = '-'): Promise<number> =>
  withFailures(options, async () => {
    const file = events === '-' ? undefined : resolve(options.directory ?? '.', events);
    if (file !== undefined && !existsSync(file)) throw usageError(`${events} does not exist`);
    const output = options.output ?? (file === undefined ? undefined : pageBeside(events));
    if (output === undefined) throw usageError('where to?', 'Name the page with --output FILE.');
    const stories = await readStories(file === undefined ? process.stdin : createReadStream(file));
    const story = options.run === undefined ? stories.at(-1) : stories.find(({ run }) => run === options.run);
    if (!story) {
      const runs = stories.map(({ run }) => run);
      throw usageError(
        `${events} holds no events of ${options.run === undefined ? 'a run' : `run ${options.run}`}`,
        runs.length > 0
          ? `It holds ${runs.join(', ')}.`
          : 'Give it what `bake rollout --json` has written, a line each.',
      );
    }
    writePage(resolve(options.directory ?? '.', output), story);
    const { run } = story;
    process.stdout.write(
      options.json ? `${JSON.stringify({ run, report: output })}\n` : `run ${run}: ${output}\n`,
    );
    return 0;
  });

const pageBeside = (events: string): string => `${events.replace(/\.(nd)?jsonl?$/, '')}.html`;
