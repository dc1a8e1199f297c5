import type { Github } from '../../github/client.ts';
import { Story } from '../html/story.ts';
import { Outbox } from '../outbox.ts';
import type { Reporter } from '../reporter.ts';
import { RunDeployment } from './deployment.ts';
import { outcomeOf } from './outcome.ts';
import { clip, environmentName, type GithubTelling, given, STATE, wordsOf } from './words.ts';

/**
 * Tells a run to GitHub: as a deployment of the release's commit to the environment, from when it is known what is brought; and as a status
 * of the commit that bake works on.
 */
export function githubReporter(github: Github, telling: GithubTelling): Reporter {
  const { begin, run, origin, head, deployments, statuses } = telling;
  const story = new Story(run);
  const warnings: string[] = [];
  const outbox = new Outbox('GitHub', (warning) => warnings.push(warning));
  const deployment = deployments ? new RunDeployment(github, telling) : undefined;

  const status = (state: 'pending' | 'success' | 'failure' | 'error', description: string) => {
    if (!statuses || head === undefined) return;
    outbox.send(() =>
      github.request('POST /repos/{owner}/{repo}/statuses/{sha}', {
        ...{ sha: head, state, description: clip(description) },
        ...{
          context: `bake/${begin.command} (${environmentName(begin)})`,
          ...given({ target_url: origin.link }),
        },
      }),
    );
  };

  return {
    emit(event) {
      story.add(event);
      if (event.type === 'run.started') status('pending', `by ${origin.by}`);
      if (event.type === 'fact' && event.name === 'bringing')
        outbox.send(async () => deployment?.open(story));
      if (event.type !== 'run.finished') return;
      outbox.send(async () => deployment?.end(story));
      status(STATE[outcomeOf(story)], wordsOf(story));
    },
    async close() {
      await outbox.close(telling.giveUp);
      for (const warning of warnings) telling.warn(warning);
    },
  };
}
