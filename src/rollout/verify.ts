import type { Cloud, GroupInstance, ScalingGroup } from '../clouds/cloud.ts';
import type { RolloutConfig } from '../config/schema.ts';
import type { Roster } from '../fleet/roster.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Run, Step } from '../run/run.ts';
import { endStateOf } from './end-state.ts';

/** How long the end state may take after a refresh has ended, stragglers' replacements included. Milliseconds. */
const PATIENCE = 600_000;

/**
 * Waits until every instance in service runs `version` and there are as many as wanted, seen twice in a row (the answers of the
 * cloud are eventually consistent). A straggler is named and replaced, one at a time, once the group itself points at `version`.
 * Without a signal it cannot be interrupted: after a rollback it must come to its end.
 */
export async function verifyFleet(
  run: Run,
  cloud: Cloud,
  roster: Roster,
  options: { version: number; config: RolloutConfig; step: Step; signal?: AbortSignal },
): Promise<ScalingGroup> {
  const { version, config, step } = options;
  let confirmed = 0;
  let replacing: GroupInstance | undefined;
  const told = new Set<string>();
  return poll(
    async () => {
      const group = await roster.look();
      const state = endStateOf(group, version, config);
      step.progress(state.words);
      confirmed = state.reached ? confirmed + 1 : 0;
      if (confirmed === 2) {
        tellLeft(run, state.left);
        step.summary = `${state.words}${state.left.length > 0 ? `, ${state.left.length} left on purpose` : ''}`;
        return { done: true, value: group };
      }
      if (!state.stragglers.some((instance) => instance.id === replacing?.id)) replacing = undefined;
      const [straggler] = state.stragglers;
      const calm = !group.instances.some(({ lifecycle }) => /^(Pending|Terminating)/.test(lifecycle));
      if (straggler && !replacing && calm && group.template.version === version && !told.has(straggler.id)) {
        told.add(straggler.id);
        replacing = straggler;
        run.warn(
          `${straggler.id} still runs ${await words(roster, straggler)}: it is replaced (${count(state.stragglers.length, 'straggler')})`,
        );
        await cloud.groups.terminateInstance(straggler.id, { decrementDesired: false });
      }
      return { done: false, state: state.words, soon: confirmed > 0 };
    },
    {
      what: `every instance to run launch template version ${version}`,
      timeout: PATIENCE,
      clock: run.clock,
      signal: options.signal,
      interval: { first: 250, longest: 5_000 },
      hint: '`bake status` names the instances of other versions.',
    },
  );
}

async function words(roster: Roster, instance: GroupInstance): Promise<string> {
  const release = await roster.releaseOf(instance.templateVersion);
  return release === undefined
    ? `launch template version ${instance.templateVersion ?? 'none'}`
    : `release ${release}`;
}

function tellLeft(run: Run, left: GroupInstance[]): void {
  for (const instance of left) {
    const why = instance.protectedFromScaleIn ? 'protected from scale-in' : 'in standby';
    run.warn(
      `${instance.id} is ${why} and keeps launch template version ${instance.templateVersion ?? 'none'}, as configured`,
    );
  }
}
