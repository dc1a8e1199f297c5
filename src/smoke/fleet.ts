import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { isActive, Roster } from '../fleet/roster.ts';
import { fleetConfig } from '../fleet/settings.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { failureOf, reportLines, type SmokeReport } from './report.ts';
import { hasSmokeTests, readBaseline, runSmokeTests } from './run.ts';

/**
 * Runs the smoke tests against the release that the fleet runs now, or against `wanted.release` where several run. Throws with
 * exit code 1 when they do not pass, 2 when there is nothing to test.
 */
export async function smokeFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  wanted: { release?: string } = {},
): Promise<{ release: string; report: SmokeReport }> {
  const { name } = fleetConfig(project);
  const { smoke } = project.config;
  if (!hasSmokeTests(smoke))
    throw usageError(
      `${project.file} names no smoke test`,
      'Add `smoke.sqs`, `smoke.logs`, `smoke.http` or `smoke.commands`; `bake validate` checks them.',
    );
  if (!(await cloud.groups.find(name)))
    throw usageError(
      `scaling group ${name} does not exist in ${cloud.region}`,
      'Create it: `bake fleet apply`.',
    );
  const roster = new Roster(cloud, name);
  const group = await roster.look();
  const version = await versionToTest(roster, group, wanted.release);
  const release = (await roster.releaseOf(version)) ?? `of version ${version}`;
  const since = run.clock.now();
  const baseline = await readBaseline(cloud, smoke);
  const report = await run.step('smoke', `Testing release ${release} on ${name}`, async (step) => {
    const options = { roster, version, release, since, step, baseline, thorough: true };
    const report = await runSmokeTests(run, cloud, project, options);
    if (report.verdict !== 'passed')
      throw new BakeError(`release ${release} did not pass: ${failureOf(report)}`, {
        details: reportLines(report),
      });
    step.summary = `${count(report.checks.length, 'test')} passed`;
    return report;
  });
  return { release, report };
}

async function versionToTest(
  roster: Roster,
  group: ScalingGroup,
  release: string | undefined,
): Promise<number> {
  const running = new Set(group.instances.filter(isActive).map((instance) => instance.templateVersion));
  const versions = [...running].filter((version) => version !== undefined);
  if (release !== undefined) {
    for (const version of versions) if ((await roster.releaseOf(version)) === release) return version;
    throw usageError(
      `no instance of ${group.name} runs release ${release}`,
      '`bake status` shows what runs.',
    );
  }
  const pointed = group.template.version;
  if (typeof pointed === 'number' && versions.includes(pointed)) return pointed;
  const [only] = versions;
  if (only !== undefined && versions.length === 1) return only;
  throw usageError(
    versions.length === 0
      ? `${group.name} has no instance to test`
      : `${group.name} runs launch template versions ${versions.join(' and ')}`,
    versions.length === 0 ? '`bake status` shows the group.' : 'Say which with --release.',
  );
}
