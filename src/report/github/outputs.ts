import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { Story } from '../html/story.ts';
import type { Reporter } from '../reporter.ts';
import { broughtBy, outcomeOf } from './outcome.ts';

/**
 * Hands values to the following steps of a job of GitHub Actions (GITHUB_OUTPUT); elsewhere does nothing. Values may have several lines.
 * Throws the errors of `node:fs`.
 */
export function writeGithubOutput(values: Record<string, string | undefined>): void {
  const file = process.env.GITHUB_OUTPUT;
  if (!file) return;
  const lines = Object.entries(values).map(([name, value]) => (value === undefined ? '' : line(name, value)));
  appendFileSync(file, lines.join(''));
}

function line(name: string, value: string): string {
  if (!value.includes('\n')) return `${name}=${value}\n`;
  const end = `end-${randomUUID()}`;
  return `${name}<<${end}\n${value}\n${end}\n`;
}

/** Hands on how a run ended and what it brought: also of one that failed. */
export function outputReporter(run: string): Reporter {
  const story = new Story(run);
  return {
    emit: (event) => story.add(event),
    async close() {
      writeGithubOutput(outputsOf(story));
    },
  };
}

function outputsOf(story: Story): Record<string, string | undefined> {
  const { strategy, release, imageId, group, version, previousVersion, previousGroup, previousRelease } =
    broughtBy(story);
  const gc = story.facts.get('gc') as { removed: unknown[]; failures: unknown[] } | undefined;
  return {
    outcome: outcomeOf(story),
    run: story.run,
    report: story.finished?.report,
    strategy,
    release,
    image_id: imageId,
    group,
    version: version?.toString(),
    previous_version: previousVersion?.toString(),
    previous_group: previousGroup,
    previous_release: previousRelease,
    removed: gc?.removed.length.toString(),
    failures: gc?.failures.length.toString(),
  };
}
