import type { Github } from '../../github/client.ts';
import { GithubError } from '../../github/errors.ts';
import type { Story } from '../html/story.ts';
import type { RunBegin } from '../team.ts';
import { broughtBy, outcomeOf } from './outcome.ts';
import { clip, environmentName, type GithubTelling, given, STATE, wordsOf } from './words.ts';

/** Earlier deployments of the environment that are looked at. */
const LOOK_BACK = 30;
const TASK = 'deploy';

type State = 'in_progress' | 'success' | 'failure' | 'error' | 'inactive';

/** The deployment that a run is, on GitHub. Its parts throw a `GithubError`. */
export class RunDeployment {
  readonly #github: Github;
  readonly #telling: GithubTelling;
  #id: number | undefined;
  #opened = false;

  constructor(github: Github, telling: GithubTelling) {
    this.#github = github;
    this.#telling = telling;
  }

  /** From when it is known what is brought. Tried once. */
  async open(story: Story): Promise<void> {
    if (this.#opened) return;
    this.#opened = true;
    const { release } = broughtBy(story);
    const made = await this.#make(story);
    if (!('id' in made)) throw new GithubError(`GitHub made no deployment: ${made.message}`, {});
    this.#id = Number(made.id);
    await this.#ours(this.#id, 'in_progress', `release ${release} is on its way`);
  }

  async end(story: Story): Promise<void> {
    const outcome = outcomeOf(story);
    if (outcome === 'succeeded' && isBrought(story)) await this.open(story);
    if (this.#id === undefined) return;
    await this.#ours(this.#id, STATE[outcome], wordsOf(story));
    if (outcome === 'succeeded') await this.#retireOthers(`replaced by release ${broughtBy(story).release}`);
  }

  async #make(story: Story) {
    const { begin, run, origin, head } = this.#telling;
    const { release, imageId, strategy, commit } = broughtBy(story);
    const own = commit === undefined ? await this.#commitOf(release) : commit.replace(/-dirty$/, '');
    const make = (ref: string) =>
      this.#github.request('POST /repos/{owner}/{repo}/deployments', {
        ...{ ref, environment: environmentName(begin), task: TASK, auto_merge: false, required_contexts: [] },
        description: clip(`bake ${begin.command}: release ${release}`),
        production_environment: isProduction(begin),
        payload: given({
          ...{ run, release, image: imageId, strategy, commit },
          ...{ cloud: begin.cloud, region: begin.region, by: origin.by },
        }),
      });
    if (own === undefined || own === head) return make(needed(head));
    try {
      return await make(own);
    } catch (error) {
      // GitHub does not have every commit: one that was never pushed, or that was rewritten since.
      if (error instanceof GithubError && error.status === 422) return make(needed(head));
      throw error;
    }
  }

  /** The commit of the same release, deployed before. */
  async #commitOf(release: string | undefined): Promise<string | undefined> {
    const deployments = await this.#others();
    return deployments.find(({ payload }) => (payload as { release?: string }).release === release)?.sha;
  }

  /** Deployments of bake's to the environment besides this one, newest first. */
  async #others() {
    const deployments = await this.#github.request('GET /repos/{owner}/{repo}/deployments', {
      ...{ environment: environmentName(this.#telling.begin), task: TASK, per_page: LOOK_BACK },
    });
    return deployments.filter(({ id }) => Number(id) !== this.#id);
  }

  /** GitHub does so by itself, but not in production. */
  async #retireOthers(why: string): Promise<void> {
    for (const { id } of await this.#others()) {
      const deployment_id = Number(id);
      const [newest] = await this.#github.request(
        'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
        { deployment_id, per_page: 1 },
      );
      if (newest?.state === 'inactive') return; // Those before it are already.
      if (newest?.state === 'success' || newest?.state === 'in_progress')
        await this.#state(deployment_id, 'inactive', why);
    }
  }

  #ours(id: number, state: State, description: string) {
    const { origin, environmentUrl } = this.#telling;
    return this.#state(id, state, description, { log_url: origin.link, environment_url: environmentUrl });
  }

  #state(
    id: number,
    state: State,
    description: string,
    links: { log_url?: string; environment_url?: string } = {},
  ) {
    return this.#github.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
      ...{ deployment_id: id, state, description: clip(description), auto_inactive: false, ...given(links) },
    });
  }
}

const isProduction = ({ environment, cloud }: RunBegin): boolean =>
  environment === 'production' && cloud !== 'local';

/** A run that was taken up says only in the end what it has brought. */
const isBrought = ({ facts }: Story): boolean => facts.has('rollout') || facts.has('cutover');

function needed(head: string | undefined): string {
  if (head !== undefined) return head;
  throw new GithubError('no commit is known of what is deployed', {
    hint: 'Run bake in a checkout, or set GITHUB_SHA.',
  });
}
