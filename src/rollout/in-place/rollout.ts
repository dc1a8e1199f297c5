import type { Cloud } from '../../clouds/cloud.ts';
import type { Project } from '../../config/schema.ts';
import { withHooks } from '../../hooks/hooks.ts';
import { count, formatBytes } from '../../run/format.ts';
import type { Run, Step } from '../../run/run.ts';
import { ownerName } from '../lock-words.ts';
import { inBatches } from './batches.ts';
import { change } from './change.ts';
import { awaitHealth, lookAtHealth } from './health.ts';
import type { Host } from './host.ts';
import { install } from './install.ts';
import { preflight } from './preflight.ts';
import { prune } from './prune.ts';
import { type Release, readRelease } from './release.ts';
import { type Site, withSite } from './site.ts';
import { type HostState, verified } from './state.ts';
import { restart } from './switch.ts';
import { upload } from './upload.ts';
import { verify } from './verify.ts';

export interface InPlaceOptions {
  /** Default: a name made of what is in it. */
  release?: string;
  forceUnlock?: boolean;
}

/** What servers that stay run after a rollout or a way back. */
export interface InPlaceResult {
  release: string;
  hosts: number;
  /** How many ran something else before. */
  changed: number;
  /** Milliseconds. */
  duration: number;
}

/**
 * `bake rollout --strategy in-place`: brings a release to the servers, in batches, and back if it is not well. Nothing is done twice: a
 * rollout that died is done again, and goes on where it was.
 */
export async function rollOutInPlace(
  run: Run,
  cloud: () => Cloud,
  project: Project,
  options: InPlaceOptions = {},
): Promise<InPlaceResult> {
  return withSite(run, cloud, project, async (site) => {
    const startedAt = run.clock.now();
    const release = readRelease(project, site.config, options.release);
    const { hosts } = site;
    const states = await run.step(
      'in-place.preflight',
      `Checking ${count(hosts.length, 'server')}`,
      async (step) => {
        await preflight(site, release);
        await lockAll(site, options.forceUnlock ?? false);
        // As it is now that nobody else works on it.
        const now = await preflight(site, release);
        step.summary = `release ${release.name}, ${formatBytes(release.size)}`;
        return now;
      },
    );
    run.fact('bringing', { strategy: 'in-place', release: release.name });
    let changed = 0;
    const facts = { strategy: 'in-place', release: release.name, previousRelease: runningOn(states) };
    const around = { before: 'beforeRollout', after: 'afterRollout', facts } as const;
    await withHooks(run, project, around, async () => {
      await inBatches(site, states, release.name, async (step, host, touched) => {
        const state = states.get(host)!;
        if (isThere(state, release)) return stay(site, step, host);
        await bring(site, step, host, state, release);
        touched();
        changed++;
        await bringForward(site, step, host, state, release);
        return `${host.name} runs ${release.name}`;
      });
      await verify(site, release.name);
      await pruneAll(site);
    });
    return { release: release.name, hosts: hosts.length, changed, duration: run.clock.now() - startedAt };
  });
}

/** Makes all servers this run's alone. */
export async function lockAll({ run, hosts, config }: Site, force: boolean): Promise<void> {
  const owner = `${ownerName(process.env)}, run ${run.id}`;
  await Promise.all(hosts.map((host) => host.lock({ name: host.name, root: config.root, owner, force })));
}

/** What all servers ran before, where that is one release. */
function runningOn(states: Map<Host, HostState>): string | undefined {
  const releases = new Set([...states.values()].map((state) => verified(state).current));
  return releases.size === 1 ? [...releases][0] : undefined;
}

const isWhole = ({ releases }: HostState, release: Release): boolean =>
  releases.some(({ release: name }) => name === release.name);

const isThere = (state: HostState, release: Release): boolean =>
  state.current === release.name && !state.pending && isWhole(state, release);

/** What runs already has to be well; it is given one restart. */
async function stay({ run, config }: Site, step: Step, host: Host): Promise<string> {
  const { problem } = await lookAtHealth(host, config);
  if (problem !== undefined) {
    step.progress(`${host.name}: runs it already, but ${problem}: restarting`);
    await restart(host, config);
    await awaitHealth(run, host, config);
  }
  return `${host.name} runs it already`;
}

/** Into a directory of its own: what runs is not touched. */
async function bring({ run, config }: Site, step: Step, host: Host, state: HostState, release: Release) {
  if (isWhole(state, release)) return;
  step.progress(`${host.name}: uploading ${formatBytes(release.archive.length)}`);
  await upload(host, config.root, release);
  step.progress(`${host.name}: installing`);
  await install(run, host, config, release, (line) => step.output(host.name, line));
}

function bringForward(site: Site, step: Step, host: Host, state: HostState, release: Release): Promise<void> {
  const { current, previous } = verified(state);
  // Back at what ran before an unverified switch: the way back from there stays as it was.
  const links = { current: release.name, previous: current === release.name ? previous : current };
  return change(site, host, state, { links, what: 'rollout' }, (words) =>
    step.progress(`${host.name}: ${words}`),
  );
}

async function pruneAll({ run, hosts, config }: Site): Promise<void> {
  const results = await Promise.allSettled(hosts.map((host) => prune(host, config)));
  for (const [index, result] of results.entries())
    if (result.status === 'rejected')
      run.warn(`old releases of ${hosts[index]!.name} could not be removed: ${result.reason}`);
}
