import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { messageOf } from '../../run/errors.ts';
import type { Reporter } from '../reporter.ts';
import { runPage } from './page.ts';
import { Story } from './story.ts';

/**
 * Writes the page of a run to a file: whenever one of its outermost steps has ended, so that there is one of a run that is killed,
 * and at the end. A page that cannot be written stops nothing: `err` is told once.
 */
export function htmlReporter(file: string, run: string, err: NodeJS.WritableStream): Reporter {
  const story = new Story(run);
  let failed = false;
  const write = () => {
    if (failed) return;
    try {
      writePage(file, story);
    } catch (error) {
      failed = true;
      err.write(`the report could not be written: ${messageOf(error)}\n`);
    }
  };
  return {
    emit(event) {
      story.add(event);
      const ended = event.type === 'step.finished' || event.type === 'step.failed';
      if (ended && !story.isWithinStep) write();
    },
    async close() {
      write();
    },
  };
}

/** In one step, so that a reader never sees half of it. Throws the errors of `node:fs`. */
export function writePage(file: string, story: Story): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, runPage(story));
  renameSync(`${file}.new`, file);
}
