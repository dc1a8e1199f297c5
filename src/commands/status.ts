import { readStatus } from '../upkeep/status.ts';
import { statusHeadline, statusHints, statusLines } from '../upkeep/status-text.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake status` */
export const status = (options: GlobalOptions): Promise<number> =>
  runCommand(
    'status',
    options,
    async ({ run, cloud, project }) => {
      const status = await readStatus(cloud, project);
      run.fact('status', status);
      // Machines read the fact; the lines are for people.
      if (!options.json) for (const line of statusLines(status, run.clock.now())) run.note(line);
      return { headline: statusHeadline(status), next: statusHints(status) };
    },
    { journal: false },
  );
