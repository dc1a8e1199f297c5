import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import type { LayerEntry } from '../run/journal.ts';
import { ownTags, TAG } from '../run/tags.ts';
import { hasCrashed, readJournal } from '../upkeep/gc-journals.ts';
import { openAccess } from './access.ts';
import { awaitState, type Builder, connectBuilder, mustSucceed } from './builder.ts';
import { deadMansSwitch } from './dead-man.ts';
import type { BuildJob } from './job.ts';
import { dropLoginKey, type LoginKey, readLoginKey } from './login-key.ts';
import type { BuildPlan } from './plan.ts';
import { imageStem } from './releases.ts';
import { sshCommunicator, takeOverSsh } from './ssh-access.ts';

/** A builder of a crashed run that this run goes on with. */
export interface TakenUp {
  builder: Builder;
  /** Index of the highest layer that is on it. */
  reached: number;
}

/** The builder that a crashed run left, and how far it had come. */
interface Left {
  runId: string;
  instance: Instance;
  /** The last that its journal says of it; undefined before the first layer. */
  last?: LayerEntry;
  /** Its keys, where it is reached by SSH. */
  key?: LoginKey;
}

const builderOf = (project: Project, run: string): string => `${imageStem(project)}-builder-${run}`;

/**
 * Takes up the builder of a crashed build (`wanted`, or the newest one that left a builder): every layer on it has to be whole and
 * still wanted. One that cannot be used is ended, and so is one that is not needed any more.
 */
export async function takeUp(
  job: BuildJob,
  plan: BuildPlan,
  wanted: string | true,
): Promise<TakenUp | undefined> {
  const { run, cloud, project } = job;
  const left = await findLeft(job, wanted);
  if (!left) {
    run.note('there is no builder of a crashed build to take up');
    return undefined;
  }
  const { instance, runId, last } = left;
  const reached = plan.layers.findIndex(({ fingerprint }) => fingerprint === last?.fingerprint);
  const unusable = plan.finished ? 'it is not needed any more' : whyUnusable(job, plan, left, reached);
  if (unusable !== undefined || !last) {
    run.note(`builder ${instance.id} of run ${runId} is ended: ${unusable}`);
    await cloud.instances.terminate(instance.id);
    dropLoginKey(project.directory, builderOf(project, runId));
    return undefined;
  }
  return { builder: await adopt(job, left, last), reached };
}

function whyUnusable(
  { project }: BuildJob,
  plan: BuildPlan,
  { last, key }: Left,
  reached: number,
): string | undefined {
  if (project.config.image.builder.communicator === 'ssh' && !key) return 'its key is not here';
  if (!last) return 'no layer of it was finished';
  if (last.state === 'begun') return `layer ${last.name} is half done`;
  if (reached < 0) return `layer ${last.name} has changed since`;
  const cached = plan.layers.findLastIndex(({ build }) => !build);
  return reached < cached ? 'the image of a later layer is there' : undefined;
}

/** By the journals of this project, newest first; the machine by its tags. */
async function findLeft({ project, cloud }: BuildJob, wanted: string | true): Promise<Left | undefined> {
  const directory = join(project.directory, '.bake', 'runs');
  const runs = journalsIn(directory).map((file) => file.slice(0, -'.jsonl'.length));
  if (wanted !== true && !runs.includes(wanted)) {
    throw usageError(
      `there is no journal of run ${wanted} in ${directory}`,
      'Leave out the run to take the newest.',
    );
  }
  const candidates = wanted === true ? runs.filter((id) => hasCrashed(project.directory, id)) : [wanted];
  for (const runId of candidates) {
    const entries = readJournal(join(directory, `${runId}.jsonl`));
    const begin = entries.find((one) => one.entry === 'begin');
    if (begin?.command !== 'build' || begin.environment !== project.environment) continue;
    const name = builderOf(project, runId);
    const tags = { [TAG.run]: runId, Name: name };
    const found = await cloud.instances.findByTags(tags);
    const instance = found.find(({ state }) => state !== 'shutting-down' && state !== 'terminated');
    if (!instance) continue;
    const layers = entries.flatMap((one) =>
      one.entry === 'layer' && one.builder === instance.id ? [one] : [],
    );
    return { runId, instance, last: layers.at(-1), key: readLoginKey(project.directory, name) };
  }
  return undefined;
}

function journalsIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => file.endsWith('.jsonl'))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

/** It becomes this run's, by its tags first, so that nobody cleans up after the crashed one meanwhile. */
async function adopt(job: BuildJob, left: Left, last: LayerEntry): Promise<Builder> {
  const { runId, instance } = left;
  const { run, cloud, project, scope, steps } = job;
  const { timeToLive } = project.config.image.builder;
  const name = builderOf(project, run.id);
  const expiresAt = run.clock.now() + timeToLive;
  const builder = await steps.step('take-up', `Take up the builder of run ${runId}`, async (step) => {
    // Before the builder, so that it goes after it.
    const way = await communicatorOf(job, name, left);
    const owned = await scope.own({
      kind: 'builder',
      name,
      async create() {
        const expires = new Date(expiresAt).toISOString();
        await cloud.instances.setTags(
          instance.id,
          ownTags(project, run.id, { Name: name, [TAG.expires]: expires }),
        );
        return instance.id;
      },
      idOf: (id) => id,
      remove: (id) => cloud.instances.terminate(id),
    });
    dropLoginKey(project.directory, builderOf(project, runId));
    run.journal.write({ ...last, entry: 'layer' });
    if (instance.state === 'stopping') await awaitState(job, step, instance.id, 'stopped');
    if (instance.state === 'stopping' || instance.state === 'stopped')
      await cloud.instances.start(instance.id);
    await awaitState(job, step, instance.id, 'running');
    step.summary = `${instance.id}, with layer ${last.name}`;
    return { instanceId: instance.id, spot: last.spot, communicator: way, expiresAt, remove: owned.remove };
  });
  await connectBuilder(job, builder);
  await mustSucceed(builder, 'time to live', deadMansSwitch(timeToLive), job, 60_000);
  await mustSucceed(builder, 'earlier scripts', afterScriptsOf(runId), job, WAIT_FOR_SCRIPTS);
  return builder;
}

async function communicatorOf(job: BuildJob, name: string, { runId, instance, key }: Left) {
  const machine = { instanceId: instance.id, privateAddress: instance.privateAddress };
  if (!key) return (await openAccess(job, name, {})).communicator(machine);
  await takeOverSsh(job, name, { run: runId, machine: builderOf(job.project, runId), key });
  return sshCommunicator(job, machine, key);
}

const WAIT_FOR_SCRIPTS = 15 * 60_000;

/** What the crashed run had begun on the machine (clean-up, verification) goes on without it; two at a time would be in each other's way. */
const afterScriptsOf = (runId: string): string => `for job in /run/bake-jobs/${runId}-*/; do
  while [ -s "$job/pid" ] && [ ! -e "$job/exit" ] && kill -0 "$(cat "$job/pid")" 2>/dev/null; do sleep 0.5; done
done
exit 0
`;
