import { failureOf } from '../../smoke/report.ts';
import { hasSmokeTests, runSmokeTests } from '../../smoke/run.ts';
import { RolloutFailed } from '../find-refresh.ts';
import type { Change } from './context.ts';

/**
 * Runs the smoke tests against the instances of the new colour, and throws what they failed with. `share` is the part of the requests that
 * the load balancer sends there, 0 to 1.
 */
export async function testColour(
  change: Change,
  gate: { name: string; title: string; called: string; share?: number },
): Promise<void> {
  const { run, cloud, project, roster, release, baseline, since, template, care } = change;
  const { name, title, called, share } = gate;
  if (!care.gates) return;
  if (!hasSmokeTests(project.config.smoke)) {
    run.skip(name, title, 'bake.yaml names no smoke test');
    return;
  }
  await run.step(name, title, async (step) => {
    const report = await runSmokeTests(run, cloud, project, {
      roster,
      version: template.version,
      release,
      since,
      step,
      baseline,
      share,
    });
    if (report.verdict !== 'passed') throw new RolloutFailed(`${called}: ${failureOf(report)}`);
    step.summary = report.checks.map((check) => check.summary).join('; ');
  });
}
