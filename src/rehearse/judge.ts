import { BakeError } from '../run/errors.ts';
import type { Run, Step } from '../run/run.ts';
import type { Played } from './play.ts';
import type { Scenario } from './scenario-schema.ts';
import type { Tried } from './tried.ts';

/** What is told of a part before it is known how it went. */
export type Part = Pick<Tried, 'name' | 'title' | 'about'>;

/**
 * Tells what came of a part: what `work` says, or the error that it throws, which is a finding like another. Interrupted, and with
 * defects of bake, it throws.
 */
export async function attempt(
  run: Run,
  part: Part,
  otherwise: (error: BakeError) => string,
  work: () => Promise<Pick<Tried, 'verdict' | 'happened' | 'means' | 'checks'>>,
): Promise<Tried> {
  const { name, title, about } = part;
  const startedAt = run.clock.now();
  const took = () => run.clock.now() - startedAt;
  try {
    const found = await work();
    return { name, title, about, ...found, details: [], durationMs: took() };
  } catch (error) {
    if (!(error instanceof BakeError) || run.signal.aborted) throw error;
    const { message: happened, details } = error;
    const found = { happened, means: otherwise(error), checks: [] };
    return { name, title, about, verdict: 'not-as-expected', ...found, details, durationMs: took() };
  }
}

/** Plays a scenario and compares what came of it with what it expects. `after` is told, whatever that was. */
export const judge = (
  run: Run,
  scenario: Scenario,
  play: (step: Step) => Promise<Played>,
  after: (played: Played) => Promise<void>,
): Promise<Tried> => {
  const { name, title, expect, means, otherwise } = scenario;
  return attempt(
    run,
    scenario,
    () => otherwise,
    async () => {
      const played = await run.step(`rehearse.${name}`, title, async (step) => {
        const played = await play(step);
        step.summary = played.happened;
        return played;
      });
      const { outcome, met, happened, checks } = played;
      const right = expect === 'either' ? outcome !== 'neither' : met && outcome === expect;
      const ok = right && checks.every((check) => check.ok);
      await after(played);
      return {
        verdict: ok ? 'as-expected' : 'not-as-expected',
        happened,
        means: ok ? means : otherwise,
        checks,
      };
    },
  );
};

/** In words that say why. */
export const leftOut = ({ name, title, about }: Part, happened: string): Tried => ({
  ...{ name, title, about, verdict: 'left-out', happened, means: '', checks: [], details: [], durationMs: 0 },
});
