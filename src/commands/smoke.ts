import { smokeFleet } from '../smoke/fleet.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake smoke` */
export const smoke = (options: GlobalOptions & { release?: string }): Promise<number> =>
  runCommand(
    'smoke',
    options,
    async ({ run, cloud, project }) => {
      const { release, report } = await smokeFleet(run, cloud, project, { release: options.release });
      const proof = report.checks.map((check) => check.summary).join('; ');
      return { headline: `release ${release} works: ${proof}`, next: ['bake status'] };
    },
    { journal: false },
  );
