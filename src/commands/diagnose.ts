import { diagnose as diagnoseFleet } from '../upkeep/diagnose/diagnose.ts';
import { diagnosisHeadline, diagnosisLines, troubles } from '../upkeep/diagnose/text.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake diagnose`: exit code 0 when nothing wrong was found, 1 when something was. Changes nothing. */
export const diagnose = (options: GlobalOptions): Promise<number> =>
  runCommand(
    'diagnose',
    options,
    async ({ run, cloud, project }) => {
      const diagnosis = await diagnoseFleet(run, cloud, project);
      run.fact('diagnosis', diagnosis);
      // Machines read the fact; the lines are for people.
      if (!options.json) for (const line of diagnosisLines(diagnosis)) run.note(line);
      return {
        ok: troubles(diagnosis).length === 0,
        headline: diagnosisHeadline(diagnosis),
        next: ['bake status'],
      };
    },
    { journal: false },
  );
