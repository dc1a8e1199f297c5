import type { Cloud, GroupInstance, ScalingGroup } from '../../clouds/cloud.ts';
import { runEverywhere } from '../../communicators/everywhere.ts';
import type { Project } from '../../config/schema.ts';
import { type Colours, requireColours } from '../../fleet/colours.ts';
import { Roster } from '../../fleet/roster.ts';
import { Interrupted, messageOf } from '../../run/errors.ts';
import type { Run } from '../../run/run.ts';
import { userDataFailure } from '../user-data-failure.ts';
import type { Facts, FleetInstance } from './facts.ts';
import type { Blind } from './finding.ts';
import { readMachineReport } from './machine-report.ts';
import { machineScript, TELLING } from './machine-script.ts';
import { lookAtQueue } from './queue-looks.ts';

/** Instances that are asked by command and whose console is read: the others fail in the same way. */
const MOST_ASKED = 5;
/** An instance may take this long to answer, milliseconds. */
const PATIENCE = 20_000;
/** How far back logs and scaling activities matter, milliseconds. */
const BACK = 3_600_000;
/** Lines of logs that are read. */
const MOST_LINES = 500;
const MOST_ACTIVITIES = 50;

export interface Gathered {
  facts: Facts;
  blind: Blind[];
}

/**
 * Finds out what can be known of a fleet: everything at once, in the time of the slowest. What cannot be looked at (a permission is
 * missing) is left out, and named. Changes nothing. Exit code 2 where there is no group.
 */
export async function gatherFacts(run: Run, cloud: Cloud, project: Project): Promise<Gathered> {
  const now = run.clock.now();
  const since = now - BACK;
  const blind: Blind[] = [];
  /** What an answer is replaced by where there is none. */
  const attempt = async <T>(what: string, asked: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await asked;
    } catch (error) {
      if (error instanceof Interrupted) throw error;
      blind.push({ what, why: messageOf(error) });
      return otherwise;
    }
  };

  const colours = await requireColours(cloud, project);
  const groups = [colours.front, ...(colours.back ? [colours.back] : [])];
  const members = groups.flatMap(({ name, instances }) => instances.map((one) => ({ ...one, group: name })));
  const ids = members.map(({ id }) => id);
  const asked = chooseInstances(colours);
  const { sqs, logs } = project.config.smoke;
  const logGroups = [...new Set([logs?.group, sqs?.logGroup].filter((name) => name !== undefined))];
  const search = (pattern: string | undefined) =>
    Promise.all(
      logGroups.map((group) =>
        cloud.logs.search({ group, since, pattern, streamsContaining: ids, limit: MOST_LINES }),
      ),
    ).then((found) => found.flat());

  const described = attempt('instances', cloud.instances.find(ids), []);
  const [
    machines,
    instances,
    securityGroups,
    activities,
    refreshes,
    releases,
    userData,
    errors,
    telling,
    targets,
    queue,
  ] = await Promise.all([
    attempt('the instances by command', ask(run, cloud, project, asked), { reports: [], silent: [] }),
    described,
    described.then((found) => {
      const wanted = [...new Set(found.flatMap(({ securityGroupIds }) => securityGroupIds))];
      return attempt('security groups', cloud.networks.securityGroups(wanted), []);
    }),
    attempt('scaling activities', activitiesOf(cloud, groups, since), []),
    attempt('instance refreshes', refreshesOf(cloud, groups), []),
    attempt('launch template versions', releasesOf(cloud, groups), new Map<number, string>()),
    attempt('consoles', consolesOf(cloud, asked), []),
    attempt('error logs', logs ? search(logs.errorPattern) : Promise.resolve([]), []),
    attempt('logs', search(TELLING.map((text) => `?"${text}"`).join(' ')), []),
    attempt('target health', targetsOf(cloud, groups), []),
    sqs ? attempt(`queue ${sqs.queue}`, lookAtQueue(run, cloud, sqs.queue, blind), undefined) : undefined,
  ]);
  const fleet = members.map((member): FleetInstance => {
    const { id, group, lifecycle, healthy, templateVersion: version, protectedFromScaleIn } = member;
    const machine = instances.find((one) => one.id === id);
    const release = version === undefined ? undefined : releases.get(version);
    return { id, group, lifecycle, healthy, version, release, protectedFromScaleIn, machine };
  });
  const { reports, silent } = machines;
  const seen = { instances: fleet, releases, activities, refreshes, machines: reports, silent, userData };
  const rest = { securityGroups, targets, errors, telling, queue };
  return { facts: { now, groups, ...seen, ...rest }, blind };
}

/** Those that are in trouble first, then those of the newest version; of those that leave or sleep none. */
function chooseInstances({ front, back }: Colours): string[] {
  const there = [front, ...(back ? [back] : [])].flatMap(({ instances }) => instances);
  const trouble = (one: GroupInstance) => Number(!one.healthy || one.lifecycle !== 'InService');
  return there
    .filter(({ lifecycle }) => lifecycle === 'InService' || lifecycle.startsWith('Pending'))
    .sort((a, b) => trouble(b) - trouble(a) || (b.templateVersion ?? 0) - (a.templateVersion ?? 0))
    .slice(0, MOST_ASKED)
    .map(({ id }) => id);
}

async function ask(run: Run, cloud: Cloud, project: Project, ids: string[]) {
  const endpoints = [...(await cloud.networks.serviceEndpoints()), ...project.config.diagnose.reach];
  const options = { timeout: PATIENCE, comment: 'bake diagnose', signal: run.signal };
  const answers = await runEverywhere({ run, cloud }, ids, machineScript(endpoints), options);
  const reached = [...answers].filter(([, { state }]) => state !== 'silent');
  return {
    reports: reached.map(([id, { output }]) => readMachineReport(id, output)),
    silent: ids.filter((id) => answers.get(id)?.state === 'silent'),
  };
}

async function activitiesOf(cloud: Cloud, groups: ScalingGroup[], since: number) {
  const found = await Promise.all(
    groups.map(async ({ name }) =>
      (await cloud.groups.activities(name, MOST_ACTIVITIES)).map((activity) => ({ group: name, activity })),
    ),
  );
  return found.flat().filter(({ activity }) => activity.startedAt >= since);
}

async function refreshesOf(cloud: Cloud, groups: ScalingGroup[]) {
  const found = await Promise.all(
    groups.map(async ({ name }) => (await cloud.refreshes.list(name)).slice(0, 1)),
  );
  return found.flat();
}

async function releasesOf(cloud: Cloud, groups: ScalingGroup[]): Promise<Map<number, string>> {
  const releases = new Map<number, string>();
  for (const group of groups) {
    const roster = new Roster(cloud, group.name);
    await roster.look();
    const versions = group.instances.map(({ templateVersion }) => templateVersion);
    if (typeof group.template.version === 'number') versions.push(group.template.version);
    for (const version of new Set(versions)) {
      const release = await roster.releaseOf(version);
      if (version !== undefined && release !== undefined) releases.set(version, release);
    }
  }
  return releases;
}

async function consolesOf(cloud: Cloud, ids: string[]) {
  const found = await Promise.all(ids.map(async (id) => ({ id, lines: await userDataFailure(cloud, id) })));
  return found.filter(({ lines }) => lines.length > 0);
}

async function targetsOf(cloud: Cloud, groups: ScalingGroup[]) {
  const arns = [...new Set(groups.flatMap(({ targetGroups }) => targetGroups))];
  const found = await Promise.all(
    arns.map(async (arn) => {
      const group = await cloud.traffic.find(arn);
      return group ? [{ group, targets: await cloud.traffic.targets(arn) }] : [];
    }),
  );
  return found.flat();
}
