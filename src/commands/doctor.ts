import { readFileSync } from 'node:fs';
import type { Cloud } from '../clouds/cloud.ts';
import { openCloud } from '../clouds/open.ts';
import type { Project } from '../config/schema.ts';
import { type Check, checksOf, isWell } from '../doctor/check.ts';
import { identityChecks, projectChecks } from '../doctor/cloud.ts';
import { machineChecks } from '../doctor/machine.ts';
import { serverChecks } from '../doctor/servers.ts';
import { teamChecks } from '../doctor/team.ts';
import { checkLines, verdict } from '../doctor/text.ts';
import { styleFor } from '../report/style.ts';
import { needsCloud } from '../rollout/in-place/site.ts';
import { withFailures } from './failure.ts';
import { localDirectory } from './local-directory.ts';
import { localSupport, runningLocalCloud } from './local-look.ts';
import { type GlobalOptions, openProject } from './session.ts';

/** `bake doctor`: whether everything that bake needs is there. Changes nothing. */
export const doctor = (options: GlobalOptions): Promise<number> =>
  withFailures(options, async () => {
    const { project, check } = lookAtProject(options);
    const [machine, cloud, local] = await Promise.all([
      machineChecks(neededNode()),
      cloudChecks(project, options),
      localChecks(options),
    ]);
    const checks = [...machine, check, ...cloud, ...local, ...teamChecks(project, process.env)];
    tell(checks, options);
    return isWell(checks) ? 0 : 1;
  });

function lookAtProject(options: GlobalOptions): { project?: Project; check: Check } {
  const { ok, refused } = checksOf('the project');
  try {
    const project = openProject(options);
    const { environment, config } = project;
    const where = environment === 'default' ? '' : `, environment ${environment}`;
    return { project, check: ok('bake.yaml', `${project.file}: project ${config.project}${where}`) };
  } catch (error) {
    return { check: refused('bake.yaml', error) };
  }
}

/** Without a project, whether there would be a way to AWS. */
async function cloudChecks(project: Project | undefined, options: GlobalOptions): Promise<Check[]> {
  const { inPlace, fleet } = project?.config ?? {};
  const servers = async (cloud?: Cloud) =>
    project && inPlace ? serverChecks(project, inPlace, () => cloud as Cloud) : [];
  // Servers that are listed are all that such a project has.
  if (project && inPlace && !fleet && !needsCloud(project)) return servers();
  let cloud: Cloud | undefined;
  try {
    cloud = await reachCloud(project, options);
    if (!cloud) return [];
    const checks = await identityChecks(cloud);
    if (!project || !isWell(checks)) return checks;
    return [...checks, ...(await projectChecks(cloud, project)), ...(await servers(cloud))];
  } catch (error) {
    return [checksOf('the cloud').refused('region', error)];
  } finally {
    cloud?.close();
  }
}

/** With --local: the local cloud where it runs; to look is no reason to start it. */
async function reachCloud(project: Project | undefined, options: GlobalOptions): Promise<Cloud | undefined> {
  const { cloud: kind = 'aws', region } = project?.config ?? {};
  if (!options.local) return openCloud({ kind, region });
  const info = await runningLocalCloud(localDirectory(options));
  if (!info) return undefined;
  const { accessKeyId, secretAccessKey, endpoint } = info;
  const credentials = { accessKeyId, secretAccessKey };
  return openCloud({ kind, region: info.region, endpoint, credentials, local: true });
}

/** It is needed with --local only. */
async function localChecks(options: GlobalOptions): Promise<Check[]> {
  const { ok, open, missing } = checksOf('the local cloud');
  const support = await localSupport();
  if (!support.ok)
    return [(options.local ? missing : open)('sandbox', 'instances cannot run here', `${support.sentence}.`)];
  const checks = [ok('sandbox', `instances are ${support.description}`)];
  if (!options.local) return checks;
  const info = await runningLocalCloud(localDirectory(options));
  const runs = info
    ? ok('daemon', info.endpoint)
    : ok('daemon', 'does not run: the first command with --local starts it');
  return [...checks, runs];
}

const neededNode = (): string =>
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).engines.node;

const COLOURS = { ok: 'green', open: 'yellow', missing: 'red' } as const;

function tell(checks: Check[], { json }: GlobalOptions): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ ok: isWell(checks), checks })}\n`);
    return;
  }
  const style = styleFor(process.stdout);
  const lines = checkLines(checks, (state, text) => style(COLOURS[state], text));
  process.stdout.write(`${[...lines, '', verdict(checks)].join('\n')}\n`);
}
