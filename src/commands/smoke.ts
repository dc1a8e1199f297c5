import { count } from '../run/format.ts';
import { smokeFleet } from '../smoke/fleet.ts';
import { reportLines } from '../smoke/report.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake smoke` */
export const smoke = (options: GlobalOptions & { release?: string }): Promise<number> =>
  runCommand(
    'smoke',
    options,
    async ({ run, cloud, project }) => {
      const { release, report } = await smokeFleet(run, cloud, project, { release: options.release });
      // Machines read the facts; the lines are for people.
      if (!options.json) for (const line of reportLines(report)) run.note(line);
      const tests = count(report.checks.length, 'smoke test');
      return { headline: `release ${release} works: ${tests} passed`, next: ['bake status'] };
    },
    { journal: false },
  );
