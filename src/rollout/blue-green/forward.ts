import { runHooks } from '../../hooks/hooks.ts';
import { Interrupted } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import { TAG } from '../../run/tags.ts';
import { hasEnded } from '../../upkeep/refresh-state.ts';
import { RolloutFailed } from '../find-refresh.ts';
import { refuseChanged } from './changed.ts';
import { bothGroups, type Change, lookAt } from './context.ts';
import { copyColour } from './copy.ts';
import { drain, undrain } from './drain.ts';
import { removeColour } from './empty.ts';
import { freeze } from './freeze.ts';
import { testColour } from './gate.ts';
import { handOver, noteSizes } from './hand-over.ts';
import { hold, retire } from './hold.ts';
import { hookFacts } from './hook-facts.ts';
import { PHASES, type Phase } from './phases.ts';
import { enoughCapacity, matchCapacity } from './scale.ts';
import { shiftTraffic } from './shift.ts';
import { soak } from './soak.ts';
import { swap } from './swap.ts';

/** What each phase does. Every one can be done again from its beginning, whatever an earlier attempt has got to. */
const WORK: Record<Phase, (change: Change) => Promise<unknown>> = {
  async clearing(change) {
    const { to } = await lookAt(change);
    if (!to) return;
    await change.run.step('rollout.clear', `Retiring ${to.name} of an earlier rollout`, (step) =>
      removeColour(change, to.name, step),
    );
  },

  async copying(change) {
    await change.run.step('rollout.copy', `Making ${change.to}`, async (step) => {
      step.summary = await copyColour(change);
    });
  },

  async freezing(change) {
    const { from, to } = await bothGroups(change);
    // Whoever comes after a crash must find the back group's time not yet over.
    await change.cloud.groups.removeTags(to.name, [TAG.expires]);
    if (change.kind === 'cutover') {
      await noteSizes(change.lock, to);
      await freeze(change, to);
    }
    await noteSizes(change.lock, from);
    if (change.lock.record.frozen === undefined) await change.lock.note({ frozen: change.run.clock.now() });
    await change.run.step('rollout.freeze', `Holding what scales ${from.name}`, async (step) => {
      await freeze(change, from);
      step.summary = `it stays at ${count(from.desired, 'instance')}, and is watched should somebody raise it`;
    });
  },

  async scaling(change) {
    const { run, to, care } = change;
    if (change.kind === 'cutover') await undrain(change, to);
    await run.step('rollout.scale', `Launching ${to}`, async (step) => {
      const { healthy } = care;
      const ready =
        healthy === 'all' ? await matchCapacity(change, step) : await enoughCapacity(change, step, healthy);
      step.summary = `${count(ready, 'instance')} in service`;
    });
  },

  async testing(change) {
    await testColour(change, {
      name: 'rollout.gate.before',
      title: `Testing ${change.to} while ${change.from} serves`,
      called: 'the smoke test before the switch',
      share: 0,
    });
  },

  async shifting(change) {
    const { run, project, lock, care } = change;
    if (care.healthy === 'all') await follow(change);
    await noteSizes(lock, (await bothGroups(change)).from);
    if (care.gates) await runHooks(run, project, 'beforeCutover', hookFacts(change));
    await shiftTraffic(change);
  },

  swapping: swap,

  async draining(change) {
    await drain(change);
    await runHooks(change.run, change.project, 'afterCutover', hookFacts(change));
  },

  soaking: soak,
  async 'handing-over'(change) {
    await change.run.step('rollout.hand-over', `Letting ${change.to} scale`, async (step) => {
      step.summary = await handOver(change);
    });
  },
  holding: hold,
  retiring: retire,
};

/** Somebody may have changed the old colour while the new one was tested; it may also have grown, which is followed. */
async function follow(change: Change): Promise<void> {
  const { run, cloud, before } = change;
  const { from, to } = await bothGroups(change);
  refuseChanged(before, from);
  const refresh = (await cloud.refreshes.list(from.name)).find(({ state }) => !hasEnded(state));
  if (refresh) throw new RolloutFailed(`somebody has begun instance refresh ${refresh.id} of ${from.name}`);
  if (from.desired <= to.desired) return;
  await run.step('rollout.follow', `${from.name} has grown: ${to.name} follows`, async (step) => {
    step.summary = `${count(await matchCapacity(change, step), 'instance')} in service`;
  });
}

/** Does the phases from one to another, both included; each is noted before it begins. */
export async function forward(change: Change, from: Phase, to: Phase): Promise<void> {
  const { run, lock } = change;
  for (const phase of PHASES.slice(PHASES.indexOf(from), PHASES.indexOf(to) + 1)) {
    if (run.signal.aborted) throw new Interrupted();
    await lock.note({ phase });
    await WORK[phase](change);
  }
}
