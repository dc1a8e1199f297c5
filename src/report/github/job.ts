import { appendFileSync } from 'node:fs';
import { messageOf } from '../../run/errors.ts';
import { Story } from '../html/story.ts';
import type { Reporter } from '../reporter.ts';
import { annotationReporter, placesOf } from './annotations.ts';
import { outputReporter } from './outputs.ts';
import { jobSummary } from './summary.ts';

/**
 * The reporters of a job of GitHub Actions: annotations, the job's summary, and outputs for the steps after it. None elsewhere. What cannot
 * be written is a warning, and never fails the run.
 */
export function jobReporters(
  command: string,
  run: string,
  directory: string | undefined,
  err: NodeJS.WritableStream,
): Reporter[] {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, GITHUB_OUTPUT } = process.env;
  const reporters: Reporter[] = [];
  if (GITHUB_ACTIONS === 'true') reporters.push(annotationReporter(command, placesOf(directory), err));
  if (GITHUB_STEP_SUMMARY) reporters.push(summaryReporter(command, run, GITHUB_STEP_SUMMARY));
  if (GITHUB_OUTPUT) reporters.push(outputReporter(run));
  return reporters.map((reporter) => harmless(reporter, err));
}

function summaryReporter(command: string, run: string, file: string): Reporter {
  const story = new Story(run);
  return {
    emit: (event) => story.add(event),
    async close() {
      appendFileSync(file, jobSummary(story, command));
    },
  };
}

function harmless(reporter: Reporter, err: NodeJS.WritableStream): Reporter {
  return {
    emit: reporter.emit,
    async close() {
      await reporter.close().catch((error: unknown) => {
        err.write(`! GitHub Actions was not told: ${messageOf(error)}\n`);
      });
    },
  };
}
