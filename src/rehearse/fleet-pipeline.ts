import type { Step } from '../run/run.ts';
import { checkInvariants } from './invariants.ts';
import { attempt, judge } from './judge.ts';
import { type Played, playBuild, playRollout } from './play.ts';
import type { Scenario } from './scenario-schema.ts';
import type { Pipeline } from './show.ts';
import { type BuiltRelease, type Stage, succeed } from './stage.ts';
import type { Tried } from './tried.ts';
import type { ReleaseKind } from './workspace.ts';

const PLAIN = {
  name: 'release',
  title: 'A new release',
  about: 'Two releases are built; the fleet is made with the first, and gets the second.',
};

/** Images, and the fleet that changes between two of them. */
export class FleetPipeline implements Pipeline {
  readonly #stage: Stage;
  #builds = 0;
  /** Two that are well. */
  readonly #well: BuiltRelease[] = [];
  #broken: BuiltRelease | undefined;
  /** What the fleet runs; undefined where there is none, or it could not be brought back. */
  #runs: BuiltRelease | undefined;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  get stuck(): string | undefined {
    const { fleet } = this.#stage.project.config;
    return fleet !== undefined && this.#runs === undefined
      ? 'the scenario before it left the fleet in a state that could not be mended'
      : undefined;
  }

  plain(): Promise<Tried> {
    const hint = 'the same would happen in the cloud, unless this machine lacks what it has';
    return attempt(
      this.#stage.run,
      PLAIN,
      (error) => error.hint ?? hint,
      () => this.#plain(),
    );
  }

  async #plain(): Promise<Pick<Tried, 'verdict' | 'happened' | 'means' | 'checks'>> {
    const { run, project } = this.#stage;
    this.#well.push(await this.#build('rehearse.build', 'Build release 1', 'well'));
    if (!project.config.fleet) {
      const means = 'the image can be built; there is no `fleet` that would run it';
      return { verdict: 'as-expected', happened: 'built', means, checks: [] };
    }
    await run.step('rehearse.fleet', 'Make the fleet', async (step) => {
      step.summary = (await succeed(this.#stage, step, ['fleet', 'apply'])).headline;
    });
    const next = await this.#build('rehearse.build.next', 'Build release 2', 'well');
    this.#well.push(next);
    this.#runs = next;
    return run.step('rehearse.rollout', 'Roll out release 2', async (step) => {
      const end = await succeed(this.#stage, step, ['rollout', '--release', next.name]);
      step.summary = end.headline;
      const checks = await checkInvariants(this.#stage, { release: next.name });
      const ok = checks.every((check) => check.ok);
      return {
        verdict: ok ? 'as-expected' : 'not-as-expected',
        happened: end.headline,
        checks,
        means: ok
          ? 'your configuration builds, and brings a release to the fleet'
          : 'the rollout succeeded and left something undone: what is marked above',
      };
    });
  }

  async play(scenario: Scenario): Promise<Tried> {
    const { run } = this.#stage;
    const play = async (step: Step): Promise<Played> => {
      if (scenario.command === 'rollout')
        return playRollout(this.#stage, step, scenario, {
          from: this.#runs!,
          to: await this.#releaseFor(scenario.release),
        });
      this.#stage.workspace.write(++this.#builds);
      return playBuild(this.#stage, step, scenario, { runs: this.#runs, args: this.#buildArgs() });
    };
    return judge(run, scenario, play, (played) => this.#after(played));
  }

  /** What the fleet runs now is what the next scenario starts from; a release that does not work is replaced. */
  async #after({ runs }: Played): Promise<void> {
    if (!this.#runs || runs === this.#runs.name) return;
    const well = this.#well.find(({ name }) => name === runs);
    if (well) {
      this.#runs = well;
      return;
    }
    const back = this.#runs;
    this.#runs = undefined;
    await this.#stage.run.step('rehearse.back', `Bring back release ${back.name}`, async (step) => {
      await succeed(this.#stage, step, ['rollout', '--release', back.name, '--force-unlock']);
    });
    this.#runs = back;
  }

  /** Another one than the fleet runs. */
  async #releaseFor(kind: ReleaseKind): Promise<BuiltRelease> {
    if (kind === 'well') return this.#well.find((one) => one !== this.#runs)!;
    this.#broken ??= await this.#build(
      'rehearse.build.broken',
      'Build a release that does not work',
      'broken',
    );
    return this.#broken;
  }

  async #build(name: string, title: string, kind: ReleaseKind): Promise<BuiltRelease> {
    this.#stage.workspace.write(++this.#builds, kind);
    return this.#stage.run.step(name, title, async (step) => {
      const { facts, headline } = await succeed(this.#stage, step, this.#buildArgs());
      step.summary = headline;
      const fact = (name: string) =>
        String([...facts].findLast(([key]) => key === name || key.endsWith(`.${name}`))?.[1]);
      return { name: fact('release'), image: fact('image') };
    });
  }

  #buildArgs(): string[] {
    const { imageName } = this.#stage.project.config;
    return ['build', ...(imageName === undefined ? [] : ['--only', imageName])];
  }
}
