import type { Project } from '../config/schema.ts';
import type { Reporter } from './reporter.ts';

/** What a run is, before its first event. */
export interface RunBegin {
  command: string;
  project: string;
  environment: string;
  cloud: string;
  region: string;
}

/**
 * The reporters that tell a run where a team works: GitHub and Slack, each where it is configured and its token is there.
 * A place that cannot be reached is a warning of theirs on stderr, never a failure of the run.
 */
export async function teamReporters(project: Project, begin: RunBegin, run: string): Promise<Reporter[]> {
  if (begin.cloud === 'local' && !project.config.notify.local) return [];
  const [{ openGithubReporter }, { openSlackReporter }] = await Promise.all([
    import('./github/open.ts'),
    import('./slack/open.ts'),
  ]);
  const warn = (message: string) => void process.stderr.write(`! ${message}\n`);
  const told = await Promise.all([
    openGithubReporter(project, begin, run, warn),
    openSlackReporter(project.config.notify, begin, warn),
  ]);
  return told.filter((reporter) => reporter !== undefined);
}
