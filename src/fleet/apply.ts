import type { Cloud, LaunchTemplate, ScalingGroup } from '../clouds/cloud.ts';
import type { FleetConfig, Project } from '../config/schema.ts';
import { findRelease } from '../image/releases.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { createGroup, reconcileGroup } from './group.ts';
import { requireOwn } from './ownership.ts';
import { fleetConfig, releaseOfVersion } from './settings.ts';
import { currentVersion, ensureConfigured, ensureTemplate, type PendingVersion } from './template.ts';
import { inService, waitInService } from './wait.ts';

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

/**
 * Creates the launch template and the scaling group of the configuration, or brings them in line with it, and waits until the
 * group's instances are in service. Idempotent. What bake did not create it does not reshape (exit code 2).
 */
export async function applyFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  options: { release?: string; imageId?: string } = {},
): Promise<FleetResult> {
  const fleet = fleetConfig(project);
  const since = run.clock.now();
  const { group, template } = await run.step('fleet.look', `Looking at ${fleet.name}`, async () =>
    readOwn(cloud, project, fleet.name),
  );
  const applied = group
    ? await reconcileFleet(run, cloud, project, group, template)
    : await createFleet(run, cloud, project, options);
  const settled = await run.step(
    'fleet.ready',
    'Waiting for the instances to go into service',
    async (step) => {
      const timeout = readyTimeout(fleet);
      const ready = await waitInService(run, cloud, fleet.name, { step, since, timeout });
      step.summary = `${count(inService(ready).length, 'instance')} in service`;
      return ready;
    },
  );
  const result = { group: fleet.name, ...applied, inService: inService(settled).length };
  run.fact('fleet', result);
  return result;
}

type Applied = Omit<FleetResult, 'group' | 'inService'>;

/** Ten minutes, and what the configuration itself asks to wait. Milliseconds. */
const readyTimeout = (fleet: FleetConfig) => 600_000 + fleet.healthCheck.gracePeriod + fleet.warmup;

async function readOwn(
  cloud: Cloud,
  project: Project,
  name: string,
): Promise<{ group?: ScalingGroup; template?: LaunchTemplate }> {
  const [group, template] = await Promise.all([cloud.groups.find(name), cloud.templates.findByName(name)]);
  if (template) requireOwn(`launch template ${name}`, template.tags, project);
  if (group) requireOwn(`scaling group ${name}`, group.tags, project);
  return { group, template };
}

async function createFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  wanted: { release?: string; imageId?: string },
): Promise<Applied> {
  const image = await findRelease(cloud, project, wanted);
  const { name, size } = fleetConfig(project);
  const { template, version, created } = await run.step(
    'fleet.template',
    `Launch template ${name}`,
    async (step) => {
      const made = await ensureTemplate(run, cloud, project, image);
      step.summary = `version ${made.version}, ${image.imageId}`;
      return made;
    },
  );
  await run.step('fleet.group', `Scaling group ${name}`, async (step) => {
    await createGroup(run, cloud, project, { id: template.id, version }, image);
    step.summary = `${size.desired} of ${size.min} to ${size.max}`;
  });
  return {
    template: { id: template.id, version },
    release: image.release,
    created: true,
    changes: [
      ...(created ? [`launch template ${name} version ${version}`] : []),
      `scaling group ${name} with ${count(size.desired, 'instance')} of release ${image.release}`,
    ],
  };
}

async function reconcileFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  group: ScalingGroup,
  template: LaunchTemplate | undefined,
): Promise<Applied> {
  if (!template || template.id !== group.template.id) {
    throw usageError(
      `scaling group ${group.name} uses launch template ${group.template.name} (${group.template.id}), not ${group.name}`,
      'Someone gave the group another launch template. Point it back, or choose another fleet.name.',
    );
  }
  const current = await currentVersion(cloud, group, template);
  const pending = await run.step('fleet.template', `Launch template ${template.name}`, async (step) => {
    const found = await ensureConfigured(run, cloud, project, template, current);
    step.summary = found
      ? `version ${found.version} waits for a rollout; the group runs ${current.version}`
      : `version ${current.version}, as configured`;
    return found;
  });
  const changes = await run.step('fleet.group', `Scaling group ${group.name}`, async (step) => {
    const lines = await reconcileGroup(cloud, project, group, template, current.version).catch(
      busy(cloud, group),
    );
    step.summary = lines.length > 0 ? lines.join(', ') : 'as configured';
    return lines;
  });
  if (pending?.created)
    changes.unshift(`launch template version ${pending.version}: ${pending.changes.join(', ')}`);
  return {
    template: { id: template.id, version: current.version },
    release: releaseOfVersion(current),
    created: false,
    changes,
    pending,
  };
}

/** While an instance refresh runs, the cloud refuses some changes: say so rather than pass on its words alone. */
const busy = (cloud: Cloud, group: ScalingGroup) => async (error: unknown) => {
  const [latest] = await cloud.refreshes.list(group.name);
  if (!latest || latest.endedAt !== undefined || !(error instanceof BakeError)) throw error;
  throw new BakeError(`${error.message} (instance refresh ${latest.id} is ${latest.state})`, {
    hint: 'Wait until the rollout has ended (`bake status`), then apply again.',
    cause: error,
  });
};
