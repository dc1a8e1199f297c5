import { cpSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readStatus } from '../rollout/in-place/status.ts';
import { count } from '../run/format.ts';
import type { Step } from '../run/run.ts';
import type { Check } from './invariants.ts';
import { attempt, judge } from './judge.ts';
import { type Played, underFaults, withEvent, wordsOf } from './play.ts';
import type { Scenario } from './scenario-schema.ts';
import type { Pipeline } from './show.ts';
import { type Stage, succeed } from './stage.ts';
import type { Tried } from './tried.ts';
import type { ReleaseKind } from './workspace.ts';

const PLAIN = {
  name: 'release',
  title: 'A new release',
  about: 'A release is brought to servers that had none, and another one after it.',
};

/** What installing reads; a release that cannot even be installed would say nothing about health checks. */
const DEPENDENCIES =
  /^(requirements.*\.txt|pyproject\.toml|uv\.lock|package(-lock)?\.json|Gemfile(\.lock)?)$/;

/** Servers that stay, and a directory that is brought to them. */
export class InPlacePipeline implements Pipeline {
  readonly stuck = undefined;
  readonly #stage: Stage;
  /** The user's own directory, and the copy that changes from release to release. */
  readonly #source: { from: string; copy: string };
  #releases = 0;
  #runs = '';

  constructor(stage: Stage, source: { from: string; copy: string }) {
    this.#stage = stage;
    this.#source = source;
  }

  plain(): Promise<Tried> {
    const hint = 'the same would happen on your servers, unless those here lack what they have';
    const bring = (release: string) =>
      this.#stage.run.step('rehearse.rollout', `Bring release ${release}`, async (step) => {
        const end = await succeed(this.#stage, step, ['rollout', '--release', release]);
        step.summary = end.headline;
        return end.headline;
      });
    return attempt(
      this.#stage.run,
      PLAIN,
      (error) => error.hint ?? hint,
      async () => {
        await bring(this.#next('well'));
        this.#runs = this.#next('well');
        const happened = await bring(this.#runs);
        const checks = [await this.#check(this.#runs)];
        const ok = checks.every((check) => check.ok);
        const means = ok
          ? 'your releases reach the servers and run there'
          : 'what is marked above is not as it should be';
        return { verdict: ok ? 'as-expected' : 'not-as-expected', happened, checks, means };
      },
    );
  }

  play(scenario: Scenario): Promise<Tried> {
    const to = this.#next(scenario.release);
    return judge(
      this.#stage.run,
      scenario,
      (step) => this.#play(step, scenario, to),
      async ({ runs }) => {
        if (runs !== undefined) this.#runs = runs;
      },
    );
  }

  async #play(step: Step, scenario: Scenario, to: string): Promise<Played> {
    const startedAt = Date.now();
    const args = ['rollout', '--release', to];
    const { end, met } = await underFaults(this.#stage, scenario, undefined, () =>
      withEvent(this.#stage, step, scenario, args),
    );
    const expected = end.code === 0 ? to : this.#runs;
    const check = await this.#check(expected);
    const outcome = !check.ok ? 'neither' : end.code === 0 ? 'released' : 'held';
    return {
      ...{ outcome, met: met !== undefined, happened: wordsOf(end, met), checks: [check] },
      ...{ runs: check.ok ? expected : undefined, durationMs: Date.now() - startedAt },
    };
  }

  /** Every server runs this release and is well, and nobody is at work on it. */
  async #check(release: string): Promise<Check> {
    const { run, cloud, project } = this.#stage;
    const status = await readStatus(run.part({ pass: () => false }), () => cloud, project);
    const wrong = status.flatMap(({ name, current, halfDone, holder, problem }) => [
      ...(current === release ? [] : [`${name} runs release ${current ?? 'none'}`]),
      ...(halfDone === undefined ? [] : [`${name} is half way to ${halfDone}`]),
      ...(holder === undefined ? [] : [`${name} is held by ${holder}`]),
      ...(problem === undefined ? [] : [`${name}: ${problem}`]),
    ]);
    const words =
      wrong.length > 0
        ? wrong.join('; ')
        : `release ${release} runs on ${count(status.length, 'server')}, all well`;
    return { name: 'release', ok: wrong.length === 0, words };
  }

  /** Makes the directory another release. Returns its name. */
  #next(kind: ReleaseKind): string {
    const { from, copy } = this.#source;
    const release = `rehearsal-${++this.#releases}`;
    cpSync(from, copy, { recursive: true, force: true });
    writeFileSync(join(copy, '.bake-rehearsal'), `${release}\n`);
    if (kind === 'broken') empty(copy);
    return release;
  }
}

/** Empties every file of a program; what installing reads stays. */
function empty(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true, recursive: true }))
    if (entry.isFile() && !DEPENDENCIES.test(entry.name)) truncateSync(join(entry.parentPath, entry.name));
}
