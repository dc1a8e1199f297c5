import type { BaseImageQuery, Cloud, NeededAction } from '../clouds/cloud.ts';
import { hasImage } from '../config/images.ts';
import type { Project } from '../config/schema.ts';
import { preflight } from '../rollout/preflight.ts';
import { BakeError } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { TAG } from '../run/tags.ts';
import { type Check, checksOf } from './check.ts';

const { ok, open, missing, refused } = checksOf('the cloud');

/** Clouds refuse requests that are signed more than five minutes (AWS) or fifteen (Alibaba Cloud) off. */
const REFUSED = 5 * 60_000;
/** Above this the times in logs and reports mislead. */
const STRANGE = 30_000;

/** Who is calling, and whether the clocks agree. The cloud is of use only when this is well. */
export async function identityChecks(cloud: Cloud): Promise<Check[]> {
  const region = ok('region', cloud.region);
  try {
    const { account, principal, clockAhead } = await cloud.identity();
    const who = ok('credentials', `${principal} (account ${account})`);
    return [region, who, ...(clockAhead === undefined ? [] : [clockCheck(clockAhead)])];
  } catch (error) {
    return [region, refused('credentials', error)];
  }
}

function clockCheck(ahead: number): Check {
  const off = Math.abs(ahead);
  const words = `${formatDuration(off)} ${ahead > 0 ? 'ahead of' : 'behind'} the cloud's`;
  const todo = 'Let it be set by the network: `timedatectl set-ntp true`.';
  if (off >= REFUSED) return missing('clock', `${words}: signed requests are refused`, todo);
  if (off >= STRANGE) return open('clock', `${words}: times in logs mislead`, todo);
  return ok('clock', "agrees with the cloud's");
}

/** What a build and a rollout of the project begin with: that it is there, and that the caller may. Changes nothing. */
export async function projectChecks(cloud: Cloud, project: Project): Promise<Check[]> {
  const checks: Check[] = [];
  if (hasImage(project.config)) checks.push(...(await buildChecks(cloud, project)));
  if (project.config.fleet) checks.push(...(await rolloutChecks(cloud, project)));
  return checks;
}

async function buildChecks(cloud: Cloud, project: Project): Promise<Check[]> {
  const { base, builder } = project.config.image;
  try {
    const image = await cloud.images.resolve(base as BaseImageQuery);
    if (!image)
      return [
        missing(
          'base image',
          `image.base means no image in ${cloud.region}`,
          '`bake explain image.base` shows how one is named.',
        ),
      ];
    const found = ok('base image', `${image.id} (${image.name})`);
    const actions = await cloud.permissions.forBuild({
      imageId: image.id,
      rootDevice: image.rootDevice,
      instanceType: builder.instanceTypes[0]!,
      subnetId: builder.subnets[0],
      instanceProfile: builder.instanceProfile,
      communicator: builder.communicator,
      tags: {
        [TAG.project]: project.config.project,
        [TAG.environment]: project.environment,
        [TAG.run]: 'doctor',
      },
    });
    return [found, mayCheck('may build', actions)];
  } catch (error) {
    return [refused('base image', error)];
  }
}

async function rolloutChecks(cloud: Cloud, project: Project): Promise<Check[]> {
  const { rollout, smoke, fleet } = project.config;
  try {
    const { group, template, previous } = await preflight(cloud, project);
    const actions = await cloud.permissions.forRollout({
      strategy: rollout.strategy === 'blue-green' ? 'blue-green' : 'rolling',
      group: group.name,
      template: { id: template.id, version: previous.version },
      imageId: previous.settings.imageId,
      newVersion: true,
      instanceProfile: fleet?.instanceProfile !== undefined,
      holds: rollout.checkpoints.length > 0,
      messages: smoke.sqs !== undefined,
      commands: smoke.commands.length > 0 || smoke.http.length > 0,
    });
    return [
      ok('fleet', `${group.name}, at launch template version ${previous.version}`),
      mayCheck('may roll out', actions),
    ];
  } catch (error) {
    // What a rollout has to wait for, or `bake fleet apply` has to make, stops no build.
    const check = refused('fleet', error);
    return [isDenial(error) ? check : { ...check, state: 'open' }];
  }
}

/** What was answered with no is missing; what cannot be asked without doing it is only counted. */
function mayCheck(name: string, actions: NeededAction[]): Check {
  const denied = actions.filter(({ allowed }) => allowed === false);
  const policies = [...new Set(actions.flatMap((action) => action.policies))].join(', ');
  if (denied.length > 0)
    return missing(
      name,
      `not allowed: ${denied.map(({ action }) => action).join(', ')}`,
      `Allow it in the caller's policy: ${policies} grants it.`,
      denied.flatMap(({ answer }) => answer ?? []),
    );
  const asked = actions.filter(({ allowed }) => allowed === true).map(({ action }) => action);
  const others = [...new Set(actions.map(({ action }) => action))].filter(
    (action) => !asked.includes(action),
  );
  const listed = `${others.length} more cannot be asked without doing them; all are in ${policies}`;
  return ok(name, asked.length > 0 ? `${asked.join(' and ')}; ${listed}` : listed);
}

const isDenial = (error: unknown): boolean =>
  error instanceof BakeError && / is not allowed /.test(error.message);
