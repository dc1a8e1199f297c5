import type { Github } from '../../github/client.ts';
import type { Origin } from '../../run/origin.ts';
import { Story } from '../html/story.ts';
import { Outbox } from '../outbox.ts';
import type { Reporter } from '../reporter.ts';
import type { RunBegin } from '../team.ts';
import { type Brought, broughtBy, outcomeOf, type RunOutcome } from './outcome.ts';

/** GitHub takes no longer description of a deployment's status, or of a commit's. */
const LONGEST = 140;
/** Earlier deployments of the environment that are looked at. */
const LOOK_BACK = 30;

export interface GithubTelling {
  begin: RunBegin;
  run: string;
  origin: Origin;
  /** The commit that bake works on; undefined outside of git. */
  head: string | undefined;
  /** Where what is deployed can be seen. */
  environmentUrl: string | undefined;
  deployments: boolean;
  statuses: boolean;
  /** Told of what could not be said, at the end. */
  warn: (message: string) => void;
  /** Ends what is under way. */
  giveUp: () => void;
}

type State = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

/**
 * Tells a run to GitHub: as a deployment of the release's commit to the environment, from when it is known what is brought; and as a status
 * of the commit that bake works on.
 */
export function githubReporter(github: Github, telling: GithubTelling): Reporter {
  const { begin, run, origin, head, deployments, statuses } = telling;
  const story = new Story(run);
  const warnings: string[] = [];
  const outbox = new Outbox('GitHub', (warning) => warnings.push(warning));
  const environment = environmentName(begin);
  let deployment: number | undefined;
  let begun = false;

  const state = (
    id: number,
    is: State,
    description: string,
    more: { log_url?: string; environment_url?: string } = {},
  ) =>
    github.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
      ...{ deployment_id: id, state: is, description: clip(description), auto_inactive: false, ...more },
    });
  const ourState = (id: number, is: State, description: string) =>
    state(id, is, description, given({ log_url: origin.link, environment_url: telling.environmentUrl }));

  /** Deployments of bake's to the environment before this one, newest first. */
  const earlier = async () =>
    (
      await github.request('GET /repos/{owner}/{repo}/deployments', {
        environment,
        task: TASK,
        per_page: LOOK_BACK,
      })
    ).filter(({ id }) => Number(id) !== deployment);

  /** The commit of what is brought: its own, that of the same release deployed before, or that which bake works on. */
  const commitOf = async ({ commit, release }: Brought) => {
    if (commit !== undefined) return commit.replace(/-dirty$/, '');
    const same = (await earlier()).find(
      ({ payload }) => (payload as { release?: string }).release === release,
    );
    return same?.sha ?? head;
  };
  const open = async () => {
    const brought = broughtBy(story);
    const { release, imageId, strategy } = brought;
    const ref = await commitOf(brought);
    if (ref === undefined) throw new Error('no commit is known of what is deployed');
    const made = await github.request('POST /repos/{owner}/{repo}/deployments', {
      ...{ ref, environment, task: TASK, auto_merge: false, required_contexts: [] },
      description: clip(`bake ${begin.command}: release ${release}`),
      production_environment: begin.environment === 'production' && begin.cloud !== 'local',
      payload: given({
        run,
        release,
        image: imageId,
        strategy,
        cloud: begin.cloud,
        region: begin.region,
        by: origin.by,
      }),
    });
    if (!('id' in made)) throw new Error(`GitHub made no deployment: ${made.message}`);
    deployment = Number(made.id);
    await ourState(deployment, 'in_progress', `release ${release} is on its way`);
  };
  const end = async () => {
    const outcome = outcomeOf(story);
    if (!begun && outcome === 'succeeded' && isBrought(story)) await open();
    if (deployment === undefined) return;
    await ourState(deployment, STATE[outcome], wordsOf(story));
    if (outcome === 'succeeded') await retire();
  };
  /** GitHub does so by itself, but not in production. */
  const retire = async () => {
    for (const { id } of await earlier()) {
      const [newest] = await github.request(
        'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
        { deployment_id: Number(id), per_page: 1 },
      );
      if (newest?.state === 'inactive') return; // Those before it are already.
      if (newest?.state === 'success' || newest?.state === 'in_progress')
        await state(Number(id), 'inactive', `replaced by release ${broughtBy(story).release}`);
    }
  };

  const status = (is: 'pending' | 'success' | 'failure' | 'error', description: string) => {
    if (!statuses || head === undefined) return;
    outbox.send(() =>
      github.request('POST /repos/{owner}/{repo}/statuses/{sha}', {
        ...{ sha: head, state: is, description: clip(description) },
        ...{ context: `bake/${begin.command} (${environment})`, ...given({ target_url: origin.link }) },
      }),
    );
  };

  return {
    emit(event) {
      story.add(event);
      if (event.type === 'run.started') status('pending', `by ${origin.by}`);
      if (event.type === 'fact' && event.name === 'bringing' && deployments && !begun) outbox.send(open);
      begun ||= event.type === 'fact' && event.name === 'bringing';
      if (event.type !== 'run.finished') return;
      if (deployments) outbox.send(end);
      status(STATE[outcomeOf(story)], wordsOf(story));
    },
    async close() {
      await outbox.close(() => telling.giveUp());
      for (const warning of warnings) telling.warn(warning);
    },
  };
}

const TASK = 'deploy';

/** Of a deployment and of a commit. */
const STATE: Record<RunOutcome, 'success' | 'failure' | 'error'> = {
  succeeded: 'success',
  failed: 'failure',
  'rolled-back': 'failure',
  interrupted: 'error',
  refused: 'error',
};

/** A local cloud's production is nobody's. Where bake.yaml has no environments, the project is the only one. */
const environmentName = ({ environment, project, cloud }: RunBegin): string =>
  `${environment === 'default' ? project : environment}${cloud === 'local' ? ' (local)' : ''}`;

/** A run that was taken up says only in the end what it has brought. */
const isBrought = ({ facts }: Story): boolean => facts.has('rollout') || facts.has('cutover');

const wordsOf = ({ finished }: Story): string => finished?.error?.message ?? finished?.headline ?? '';

function clip(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

/** GitHub takes no empty addresses. */
const given = <T extends object>(values: T): { [K in keyof T]?: NonNullable<T[K]> } =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  ) as never;
