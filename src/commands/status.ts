import { isInPlace } from '../rollout/in-place/site.ts';
import { watchRollout } from '../rollout/watch.ts';
import { readStatus } from '../upkeep/status.ts';
import { statusHeadline, statusHints, statusLines } from '../upkeep/status-text.ts';
import { IN_PLACE, statusInPlace } from './in-place.ts';
import { type GlobalOptions, runCommand } from './session.ts';

export interface StatusOptions extends GlobalOptions {
  watch?: boolean;
}

/** `bake status` */
export const status = (options: StatusOptions): Promise<number> =>
  runCommand(
    'status',
    options,
    async (session) => {
      if (isInPlace(session.project)) return statusInPlace(session, options);
      const { run, cloud, project } = session;
      const watched = options.watch ? await watchRollout(run, cloud, project) : undefined;
      const status = await readStatus(cloud, project);
      run.fact('status', status);
      // Machines read the fact; the lines are for people.
      if (!options.json) for (const line of statusLines(status, run.clock.now())) run.note(line);
      const resume = watched?.left ? ['bake rollout --resume    # its process is gone: goes on with it'] : [];
      return {
        ok: watched?.arrived ?? true,
        headline: statusHeadline(status),
        next: [...resume, ...statusHints(status)],
      };
    },
    {
      ...IN_PLACE.settings(),
      journal: false,
      interrupted: {
        first: 'not looking on any more: nothing is changed by that',
        second: 'nothing was changed',
      },
    },
  );
