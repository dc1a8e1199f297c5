import type { Cloud, ScalingGroup } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { type Colours, requireColours } from '../fleet/colours.ts';
import { isActive, Roster } from '../fleet/roster.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Run } from '../run/run.ts';
import { failureOf, reportLines, type SmokeReport } from './report.ts';
import { hasSmokeTests, readBaseline, runSmokeTests } from './run.ts';

/**
 * Runs the smoke tests against the release that the fleet runs now, or against `wanted.release` where several run. Every test comes to
 * its end. Throws with exit code 1 when they do not pass, 2 when there is nothing to test.
 */
export async function smokeFleet(
  run: Run,
  cloud: Cloud,
  project: Project,
  wanted: { release?: string } = {},
): Promise<{ release: string; report: SmokeReport }> {
  const { smoke } = project.config;
  if (!hasSmokeTests(smoke))
    throw usageError(
      `${project.file} names no smoke test`,
      'Add `smoke.sqs`, `smoke.logs`, `smoke.http` or `smoke.commands`; `bake validate` checks them.',
    );
  const { roster, group, version, share } = await groupToTest(
    cloud,
    await requireColours(cloud, project),
    wanted.release,
  );
  const release = (await roster.releaseOf(version)) ?? `of version ${version}`;
  const since = run.clock.now();
  const baseline = await readBaseline(cloud, smoke, share === 0 ? undefined : group);
  const report = await run.step('smoke', `Testing release ${release} on ${group.name}`, async (step) => {
    const options = { roster, version, release, since, step, baseline, share, thorough: true };
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

interface UnderTest {
  roster: Roster;
  group: ScalingGroup;
  version: number;
  share?: number;
}

/** The group in front, or the other colour where that is the one that runs the release. */
async function groupToTest(
  cloud: Cloud,
  { front, back }: Colours,
  release: string | undefined,
): Promise<UnderTest> {
  const rosterOf = async (one: ScalingGroup, other: ScalingGroup | undefined) => {
    const roster = new Roster(cloud, one.name, ...(other ? [other.name] : []));
    return { roster, group: await roster.look() };
  };
  const first = await rosterOf(front, back);
  if (release === undefined) return { ...first, version: versionOf(first.group) };
  const version = await versionThatBrings(first, release);
  if (version !== undefined) return { ...first, version };
  const second = back && (await rosterOf(back, front));
  const other = second && (await versionThatBrings(second, release));
  // The other colour has no traffic.
  if (other !== undefined) return { ...second!, version: other, share: 0 };
  throw usageError(`no instance of ${front.name} runs release ${release}`, '`bake status` shows what runs.');
}

const versionsIn = (group: ScalingGroup): number[] => {
  const versions = group.instances.filter(isActive).map(({ templateVersion }) => templateVersion);
  return [...new Set(versions)].filter((version) => version !== undefined);
};

async function versionThatBrings(
  { roster, group }: Pick<UnderTest, 'roster' | 'group'>,
  release: string,
): Promise<number | undefined> {
  for (const version of versionsIn(group)) if ((await roster.releaseOf(version)) === release) return version;
  return undefined;
}

/** What the group launches, or else the only version that runs. */
function versionOf(group: ScalingGroup): number {
  const versions = versionsIn(group);
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
