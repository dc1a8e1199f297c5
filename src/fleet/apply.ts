import type { Cloud } from '../clouds/cloud.ts';
import type { FleetConfig, Project } from '../config/schema.ts';
import { findRelease } from '../image/releases.ts';
import { BakeError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import type { Change } from './change.ts';
import { createFleet, groupLines } from './create.ts';
import { fleetConfig, releaseOfVersion } from './settings.ts';
import { tellingCloud } from './sightings.ts';
import { isAsConfigured, type Survey, surveyFleet, tellAbout } from './survey.ts';
import { ensurePending, type PendingVersion } from './template.ts';
import { inService, waitInService } from './wait.ts';

/** What the fleet is after it was brought in line. */
export interface FleetResult {
  group: string;
  template: { id: string; version: number };
  release?: string;
  created: boolean;
  /** What was changed, a line each; empty when everything was as configured. */
  changes: string[];
  /** A launch template version that the configuration asks for and that only a rollout brings to the group. */
  pending?: PendingVersion;
  inService: number;
}

export interface ApplyOptions {
  /** The release that a new fleet starts with. Default: the newest. */
  release?: string;
  imageId?: string;
  /** Called before the first change: makes the fleet this run's alone, or throws. What it returns lets go again. */
  lock?: () => Promise<{ release(): Promise<void> }>;
}

/**
 * Creates the launch template and the scaling group of the configuration, or brings them in line with it, and waits until the
 * group's instances are in service. Idempotent: where everything is as configured it changes nothing, not even the lock. What bake
 * did not create it does not reshape (exit code 2).
 */
export async function applyFleet(
  run: Run,
  given: Cloud,
  project: Project,
  options: ApplyOptions = {},
): Promise<FleetResult> {
  const cloud = tellingCloud(run, given, project);
  const fleet = fleetConfig(project);
  const since = run.clock.now();
  const look = () => surveyFleet(cloud, project);
  const seen = await run.step('fleet.look', `Looking at ${fleet.name}`, look);
  if (seen) tellAbout(run, seen.now);
  const bring = (survey: Survey | undefined) =>
    survey ? reconcile(run, cloud, project, survey) : create(run, cloud, project, options);
  // What was seen before the fleet was this run's alone may have been changed by who had it until then.
  const applied =
    seen && isAsConfigured(seen)
      ? await bring(seen)
      : await locked(options.lock, async () => bring(options.lock ? await look() : seen));
  const settled = await run.step(
    'fleet.ready',
    'Waiting for the instances to go into service',
    async (step) => {
      const timeout = readyTimeout(fleet);
      const ready = await waitInService(run, cloud, applied.group, { step, since, timeout });
      step.summary = `${count(inService(ready).length, 'instance')} in service`;
      return ready;
    },
  );
  const result = { ...applied, inService: inService(settled).length };
  run.fact('fleet', result);
  return result;
}

type Applied = Omit<FleetResult, 'inService'>;

/** Ten minutes, and what the configuration itself asks to wait. Milliseconds. */
const readyTimeout = ({ healthCheck, warmup, lifecycleHooks }: FleetConfig) =>
  600_000 +
  healthCheck.gracePeriod +
  warmup +
  Math.max(0, ...lifecycleHooks.filter(({ on }) => on === 'launch').map(({ heartbeat }) => heartbeat));

async function locked<T>(lock: ApplyOptions['lock'], work: () => Promise<T>): Promise<T> {
  const held = await lock?.();
  try {
    return await work();
  } finally {
    await held?.release();
  }
}

async function create(run: Run, cloud: Cloud, project: Project, wanted: ApplyOptions): Promise<Applied> {
  const image = await findRelease(cloud, project, wanted);
  const made = await createFleet(run, cloud, project, image);
  const survey = await surveyFleet(cloud, project);
  if (!survey)
    throw new BakeError(`scaling group ${fleetConfig(project).name} was removed while bake made it`);
  const scaling = await makeAll(run, cloud, survey, 'scaling');
  const { template, version } = made;
  return {
    group: survey.now.group.name,
    template: { id: template.id, version },
    release: image.release,
    created: true,
    changes: [
      ...(made.created ? [`launch template ${template.name} version ${version}`] : []),
      ...(await groupLines(cloud, project, image)),
      ...scaling,
    ],
  };
}

async function reconcile(run: Run, cloud: Cloud, project: Project, survey: Survey): Promise<Applied> {
  const { template, current, group } = survey.now;
  const pending = await run.step('fleet.template', `Launch template ${template.name}`, async (step) => {
    const found = await ensurePending(run, cloud, project, survey);
    step.summary = found
      ? `version ${found.version} waits for a rollout; the group runs ${current.version}`
      : `version ${current.version}, as configured`;
    return found;
  });
  const changes = [
    ...(pending?.created
      ? [`launch template version ${pending.version}: ${pending.changes.join(', ')}`]
      : []),
    ...(await makeAll(run, cloud, survey, 'group')),
    ...(await makeAll(run, cloud, survey, 'scaling')),
  ];
  return {
    group: group.name,
    template: { id: template.id, version: current.version },
    release: releaseOfVersion(current),
    created: false,
    changes,
    pending,
  };
}

/** Makes one part's changes, one after the other. Returns them, a line each. */
async function makeAll(
  run: Run,
  cloud: Cloud,
  { now, found }: Survey,
  part: 'group' | 'scaling',
): Promise<string[]> {
  const changes = found[part];
  const { name } = now.group;
  const hasScaling = now.scaling.policies.length + now.scaling.schedules.length > 0;
  if (part === 'scaling' && changes.length === 0 && !hasScaling) return [];
  const title = part === 'group' ? `Scaling group ${name}` : `Scaling of ${name}`;
  return run.step(`fleet.${part}`, title, async (step) => {
    const lines = changes.flatMap((change: Change) => change.lines);
    for (const { make, lines: made } of changes) {
      step.progress(made.join(', '));
      await make().catch(busy(cloud, name));
    }
    step.summary =
      lines.length === 0
        ? 'as configured'
        : lines.length < 4
          ? lines.join(', ')
          : count(lines.length, 'change');
    return lines;
  });
}

/** While an instance refresh runs, the cloud refuses some changes: say so rather than pass on its words alone. */
const busy = (cloud: Cloud, group: string) => async (error: unknown) => {
  const [latest] = await cloud.refreshes.list(group);
  if (!latest || latest.endedAt !== undefined || !(error instanceof BakeError)) throw error;
  throw new BakeError(`${error.message} (instance refresh ${latest.id} is ${latest.state})`, {
    hint: 'Wait until the rollout has ended (`bake status`), then apply again.',
    cause: error,
  });
};
