import { verifiedTags } from '../../fleet/verified.ts';
import { inService } from '../../fleet/wait.ts';
import { formatDuration } from '../../run/format.ts';
import { poll } from '../../run/poll.ts';
import type { Step } from '../../run/run.ts';
import { RolloutFailed } from '../find-refresh.ts';
import { bothGroups, type Change, lookAt } from './context.ts';
import { testColour } from './gate.ts';

/** Without a healthy instance for this long a colour has failed. Milliseconds. */
const DARK = 60_000;

/**
 * Tests the new colour while it does all the work, watches it for the configured time and tests it again; then it counts as verified,
 * and the cloud remembers that.
 */
export async function soak(change: Change): Promise<void> {
  const { run, config, to, care } = change;
  const title = `Testing ${to}, which does all the work now`;
  const called = 'the smoke test after the switch';
  await testColour(change, { name: 'rollout.gate.after', title, called, share: 1 });
  if (care.gates && config.soak > 0) {
    await run.step('rollout.soak', `Watching ${to} for ${formatDuration(config.soak)}`, (step) =>
      watch(change, run.clock.now() + config.soak, step),
    );
    const again = { title: `Testing ${to} once more`, called: 'the last smoke test' };
    await testColour(change, { name: 'rollout.gate.last', ...again, share: 1 });
  }
  if (care.gates) await markVerified(change);
}

/** The last verified release is known to the cloud, with those before it. A fleet without instances proves nothing. */
async function markVerified(change: Change): Promise<void> {
  const { cloud, release, template } = change;
  const { from, to } = await bothGroups(change);
  if (to.desired === 0) return;
  const tags = verifiedTags(from.tags, { release, version: template.version });
  await cloud.groups.setTags(to.name, tags, { propagate: false });
}

/** Waits until a moment (milliseconds since the epoch) while the new colour is looked at; throws when it has gone dark. */
export async function watch(change: Change, until: number, step: Step): Promise<void> {
  const { run, to: name } = change;
  let lightAt = run.clock.now();
  const left = Math.max(0, until - lightAt);
  await poll<true>(
    async () => {
      const now = run.clock.now();
      const { to } = await lookAt(change);
      const ready = to ? inService(to).length : 0;
      if (ready > 0 || to?.desired === 0) lightAt = now;
      if (now - lightAt > DARK) throw new RolloutFailed(`${name} has no healthy instance any more`);
      const state = `${ready} of ${to?.desired ?? 0} in service`;
      step.progress(state, { remainingMs: Math.max(0, until - now) });
      return now >= until ? { done: true, value: true } : { done: false, state };
    },
    {
      what: `${name} to soak`,
      timeout: left + DARK,
      clock: run.clock,
      signal: run.signal,
      interval: { first: Math.min(1_000, Math.max(250, left)), longest: DARK / 2 },
    },
  );
}
