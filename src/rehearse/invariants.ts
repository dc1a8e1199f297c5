import { tidyFleet } from '../rollout/tidy.ts';
import { DeadlineExceeded } from '../run/errors.ts';
import { count } from '../run/format.ts';
import { poll } from '../run/poll.ts';
import { collectGarbage } from '../upkeep/gc.ts';
import { type FleetStatus, readStatus } from '../upkeep/status.ts';
import type { Jobs } from './jobs.ts';
import type { Stage } from './stage.ts';

/** Something that must be so after every scenario. */
export interface Check {
  name: 'release' | 'messages' | 'leftovers' | 'lock';
  ok: boolean;
  words: string;
}

/** A group that was left alone settles within this. Milliseconds. */
const SETTLED_WITHIN = 60_000;

/**
 * What must be so whatever has happened: the fleet is whole and runs one release, which was verified; nobody holds its lock; every
 * message was processed; nothing is left that a run has made for itself.
 */
export async function checkInvariants(
  stage: Stage,
  { release, jobs }: { release: string; jobs?: Jobs },
): Promise<Check[]> {
  const status = await settled(stage, release);
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
  checks.push({ name: 'leftovers', ...(await leftovers(stage)) });
  return checks;
}

async function settled(stage: Stage, release: string): Promise<FleetStatus> {
  let status: FleetStatus | undefined;
  try {
    return await poll(
      async () => {
        status = await readStatus(stage.cloud, stage.project);
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
async function leftovers({ run, cloud, project }: Stage): Promise<{ ok: boolean; words: string }> {
  const quiet = run.part({ pass: () => false });
  const results = [
    await tidyFleet(quiet, cloud, project, { dryRun: true }),
    await collectGarbage(quiet, cloud, project, { dryRun: true }),
  ];
  const left = results.flatMap(({ removed, failures }) => [
    ...removed.map(({ kind, why }) => `${kind} (${why})`),
    ...failures,
  ]);
  return left.length === 0
    ? { ok: true, words: 'nothing is left behind' }
    : { ok: false, words: `left behind: ${left.join(', ')}` };
}
