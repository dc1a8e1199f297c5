import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { BakeError, usageError } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import { inBatches } from './batches.ts';
import { change } from './change.ts';
import { preflight } from './preflight.ts';
import { type InPlaceResult, lockAll } from './rollout.ts';
import { withSite } from './site.ts';
import { type HostState, verified } from './state.ts';
import { verify } from './verify.ts';

export interface InPlaceRollbackOptions {
  /** Default: what ran before on all servers. */
  to?: string;
  forceUnlock?: boolean;
  /** Throws when it is not wanted after all. */
  confirm(): Promise<void>;
}

/**
 * `bake rollback` for servers that stay: switches every server to the release that ran before. What is on the disk needs no upload and no
 * install. Afterwards no server has a `previous`: the way back has been gone.
 */
export async function rollBackInPlace(
  run: Run,
  cloud: () => Cloud,
  project: Project,
  options: InPlaceRollbackOptions,
): Promise<InPlaceResult> {
  return withSite(run, cloud, project, async (site) => {
    const startedAt = run.clock.now();
    const look = () => preflight(site);
    const title = `Checking ${count(site.hosts.length, 'server')}`;
    const first = await run.step('in-place.preflight', title, look);
    const target = rollbackTarget([...first.values()], options.to);
    if (target === undefined)
      return { release: settledRelease(first), hosts: site.hosts.length, changed: 0, duration: 0 };
    for (const [host, { releases }] of first)
      if (!releases.some(({ release }) => release === target))
        throw usageError(`release ${target} is not on ${host.name}`, '`bake history` shows what is there.');
    run.note(`back to release ${target} on ${count(site.hosts.length, 'server')}`);
    await options.confirm();
    await lockAll(site, options.forceUnlock ?? false);
    const states = await look();
    run.fact('bringing', { strategy: 'in-place', release: target });
    let changed = 0;
    await inBatches(site, states, target, async (step, host, touched) => {
      const state = states.get(host)!;
      if (state.current === target && !state.pending) return `${host.name} runs it already`;
      touched();
      changed++;
      const say = (words: string) => step.progress(`${host.name}: ${words}`);
      await change(site, host, state, { links: { current: target }, what: 'rollback' }, say);
      return `${host.name} runs ${target}`;
    });
    await verify(site, target);
    return { release: target, hosts: site.hosts.length, changed, duration: run.clock.now() - startedAt };
  });
}

/**
 * Where the way back goes: the one release that each server runs, or ran before, and that is not what all of them run. Undefined where
 * there is nothing to take back. Throws where that is not one release. Pure.
 */
export function rollbackTarget(states: HostState[], to?: string): string | undefined {
  const settled = states.every(({ pending }) => pending === undefined);
  const currents = new Set(states.map(({ current }) => current));
  const alike = settled && currents.size === 1;
  const same = alike ? [...currents][0] : undefined;
  if (to !== undefined) return to === same ? undefined : to;
  const choices = states.map((state) => {
    const { current, previous } = verified(state);
    // What a switch that was never verified came from is the only thing that is known to be well.
    return state.pending ? [current] : [current, previous];
  });
  const common = [...new Set(choices.flat())].filter(
    (name) => name !== undefined && name !== same && choices.every((names) => names.includes(name)),
  );
  if (common.length === 1) return common[0];
  if (common.length === 0 && alike) return undefined;
  throw new BakeError('the servers do not have one way back', {
    hint: 'Name a release of `bake history` with --to.',
  });
}

const settledRelease = (states: Map<unknown, HostState>): string =>
  [...states.values()].map(({ current }) => current)[0] ?? 'no release';
