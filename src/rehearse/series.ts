import { BakeError, messageOf } from '../run/errors.ts';
import type { Step } from '../run/run.ts';
import { whyNot } from './applies.ts';
import { checkInvariants } from './invariants.ts';
import { type Played, playBuild, playRollout } from './play.ts';
import type { Scenario } from './scenario-schema.ts';
import { type BuiltRelease, type Stage, succeed } from './stage.ts';
import type { Tried } from './tried.ts';
import type { ReleaseKind } from './workspace.ts';

const PLAIN = {
  name: 'release',
  title: 'A new release',
  about: 'Two releases are built; the fleet is made with the first, and gets the second.',
};

/** One scenario after the other, on one fleet that changes between two releases. */
export class Series {
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

  /** Plays everything; when not even a plain rollout succeeds, the scenarios are left out. */
  async play(scenarios: Scenario[]): Promise<Tried[]> {
    const tried = [await this.#plain()];
    this.#tell(tried[0]!);
    const lost = () => tried[0]?.verdict !== 'as-expected' && 'a plain release has to succeed first';
    for (const scenario of scenarios) {
      const reason = lost() || this.#stuck() || whyNot(this.#stage.project, scenario);
      const one = reason ? leftOut(scenario, reason) : await this.#scenario(scenario);
      tried.push(one);
      this.#tell(one);
    }
    return tried;
  }

  async #plain(): Promise<Tried> {
    const { run, project } = this.#stage;
    const startedAt = Date.now();
    const { fleet } = project.config;
    const part = { ...PLAIN, details: [], checks: [] as Tried['checks'] };
    try {
      this.#well.push(await this.#build('rehearse.build', 'Build release 1', 'well'));
      if (!fleet) {
        const means = 'the image can be built; there is no `fleet` that would run it';
        return {
          ...part,
          verdict: 'as-expected',
          happened: 'built',
          means,
          durationMs: Date.now() - startedAt,
        };
      }
      await run.step('rehearse.fleet', 'Make the fleet', async (step) => {
        step.summary = (await succeed(this.#stage, step, ['fleet', 'apply'])).headline;
      });
      const next = await this.#build('rehearse.build.next', 'Build release 2', 'well');
      this.#well.push(next);
      this.#runs = next;
      const { happened, checks } = await run.step('rehearse.rollout', 'Roll out release 2', async (step) => {
        const end = await succeed(this.#stage, step, ['rollout', '--release', next.name]);
        step.summary = end.headline;
        return {
          happened: end.headline,
          checks: await checkInvariants(this.#stage, { release: next.name }),
        };
      });
      const ok = checks.every((check) => check.ok);
      const means = ok
        ? 'your configuration builds, and brings a release to the fleet'
        : 'the rollout succeeded and left something undone: what is marked above';
      const verdict = ok ? 'as-expected' : 'not-as-expected';
      return { ...part, verdict, happened, checks, means, durationMs: Date.now() - startedAt };
    } catch (error) {
      if (!(error instanceof BakeError) || run.signal.aborted) throw error;
      const means = error.hint ?? 'the same would happen in the cloud, unless this machine lacks what it has';
      const { message: happened, details } = error;
      return {
        ...part,
        verdict: 'not-as-expected',
        happened,
        details,
        means,
        durationMs: Date.now() - startedAt,
      };
    }
  }

  async #scenario(scenario: Scenario): Promise<Tried> {
    const { run } = this.#stage;
    const { name, title, about, expect, means, otherwise } = scenario;
    const startedAt = Date.now();
    const part = { name, title, about };
    try {
      const to = scenario.command === 'build' ? undefined : await this.#releaseFor(scenario.release);
      const played = await run.step(`rehearse.${name}`, title, async (step) => {
        const played = await this.#playOne(step, scenario, to);
        step.summary = played.happened;
        return played;
      });
      const { outcome, met, happened, checks, durationMs } = played;
      const right = expect === 'either' ? outcome !== 'neither' : met && outcome === expect;
      const ok = right && checks.every((check) => check.ok);
      await this.#after(played);
      const verdict = ok ? 'as-expected' : 'not-as-expected';
      return { ...part, verdict, happened, checks, details: [], means: ok ? means : otherwise, durationMs };
    } catch (error) {
      if (!(error instanceof BakeError) || run.signal.aborted) throw error;
      const { details } = error;
      const durationMs = Date.now() - startedAt;
      return {
        ...part,
        verdict: 'not-as-expected',
        happened: messageOf(error),
        checks: [],
        details,
        means: otherwise,
        durationMs,
      };
    }
  }

  #playOne(step: Step, scenario: Scenario, to: BuiltRelease | undefined): Promise<Played> {
    if (scenario.command === 'build') {
      this.#stage.workspace.write(++this.#builds);
      return playBuild(this.#stage, step, scenario, { runs: this.#runs, args: this.#buildArgs() });
    }
    return playRollout(this.#stage, step, scenario, { from: this.#runs!, to: to! });
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

  async #build(step: string, title: string, kind: ReleaseKind): Promise<BuiltRelease> {
    this.#stage.workspace.write(++this.#builds, kind);
    return this.#stage.run.step(step, title, async (step) => {
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

  #stuck = (): string | false =>
    this.#stage.project.config.fleet !== undefined &&
    this.#runs === undefined &&
    'the scenario before it left the fleet in a state that could not be mended';

  #tell(one: Tried): void {
    const { run } = this.#stage;
    if (one.verdict === 'left-out') run.skip(`rehearse.${one.name}`, one.title, one.happened);
    run.fact(`rehearsal.${one.name}`, one);
  }
}

const leftOut = ({ name, title, about }: Scenario, happened: string): Tried => ({
  ...{ name, title, about, verdict: 'left-out', happened, means: '', checks: [], details: [], durationMs: 0 },
});
