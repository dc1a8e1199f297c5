import { BakeError, DeadlineExceeded } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import type { Step } from '../run/run.ts';
import type { FleetStatus } from '../upkeep/status.ts';
import type { Jobs } from './jobs.ts';
import { perform, type Stage } from './stage.ts';

/** Something that must be so after every scenario. */
export interface Check {
  name: 'release' | 'messages' | 'leftovers' | 'lock';
  ok: boolean;
  words: string;
}

/** A group that was left alone settles within this. Milliseconds. */
const SETTLED_WITHIN = 60_000;

/** What `bake status` says. */
export async function statusOf(stage: Stage, step: Step): Promise<FleetStatus> {
  const end = await perform(stage, step, ['status']);
  const status = end.facts.get('status') as FleetStatus | undefined;
  if (!status) throw new BakeError(`bake status: ${end.error?.message ?? end.headline}`);
  return status;
}

/**
 * What must be so whatever has happened: the fleet is whole and runs one release, which was verified; nobody holds its lock; every
 * message was processed; nothing is left that a run has made for itself.
 */
export async function checkInvariants(
  stage: Stage,
  step: Step,
  { release, jobs }: { release: string; jobs?: Jobs },
): Promise<Check[]> {
  const status = await settled(stage, step, release);
  const { lock } = status;
  const checks: Check[] = [
    { name: 'release', ...fleetWords(status, release) },
    {
      name: 'lock',
      ok: lock === undefined,
      words: lock ? `the fleet is locked by ${lock.owner} (${lock.command})` : 'the fleet is free',
    },
  ];
  if (jobs) checks.push({ name: 'messages', ...(await jobs.account(stage.run)) });
  checks.push({ name: 'leftovers', ...(await leftovers(stage, step)) });
  return checks;
}

async function settled(stage: Stage, step: Step, release: string): Promise<FleetStatus> {
  let status: FleetStatus | undefined;
  try {
    return await poll(
      async () => {
        status = await statusOf(stage, step);
        const { ok, words } = fleetWords(status, release);
        return ok ? { done: true, value: status } : { done: false, state: words };
      },
      {
        what: 'the fleet to be whole',
        timeout: SETTLED_WITHIN,
        clock: stage.run.clock,
        signal: stage.run.signal,
        interval: { first: 500, longest: 2_000 },
      },
    );
  } catch (error) {
    if (error instanceof DeadlineExceeded && status) return status;
    throw error;
  }
}

/** Whether all that is in service runs this release, and the fleet remembers it as verified. Pure. */
export function fleetWords(status: FleetStatus, release: string): { ok: boolean; words: string } {
  const { instances, desired, group, template, verified, refresh, suspendedProcesses } = status;
  const serving = instances.filter(({ lifecycle, healthy }) => lifecycle === 'InService' && healthy);
  const right = serving.filter((instance) => instance.release === release);
  const wrong = [
    ...(right.length < desired
      ? [`${right.length} of ${count(desired, 'instance')} run release ${release}`]
      : []),
    ...(serving.length > right.length ? [`${serving.length - right.length} run another release`] : []),
    ...(instances.length > serving.length ? [`${instances.length - serving.length} are not in service`] : []),
    ...(template.release === release
      ? []
      : [`${group} would launch release ${template.release ?? 'unknown'}`]),
    ...(verified?.release === release ? [] : [`verified is release ${verified?.release ?? 'none'}`]),
    ...(refresh?.active ? ['a refresh goes on'] : []),
    ...(suspendedProcesses.length > 0 ? [`${suspendedProcesses.join(', ')} suspended`] : []),
  ];
  return wrong.length > 0
    ? { ok: false, words: wrong.join('; ') }
    : { ok: true, words: `release ${release}, verified, on ${count(right.length, 'instance')}` };
}

/** What `bake gc` would remove, apart from what is kept for a while on purpose. */
async function leftovers(stage: Stage, step: Step): Promise<{ ok: boolean; words: string }> {
  const end = await perform(stage, step, ['gc', '--dry-run']);
  const found = (end.facts.get('gc') as { removed?: { kind: string; why: string }[] } | undefined)?.removed;
  if (!found) return { ok: false, words: `bake gc: ${end.error?.message ?? end.headline}` };
  const left = found.map(({ kind, why }) => `${kind} (${why})`);
  return left.length === 0
    ? { ok: true, words: 'nothing is left behind' }
    : { ok: false, words: `left behind: ${left.join(', ')}` };
}
