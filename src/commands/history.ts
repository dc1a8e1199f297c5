import { historyHeadline, historyLines } from '../rollout/history-text.ts';
import { isInPlace } from '../rollout/in-place/site.ts';
import { readLastRun } from '../rollout/lock.ts';
import { wayBackOf } from '../rollout/rollback-target.ts';
import { findSetback } from '../rollout/setback.ts';
import { historyInPlace, IN_PLACE } from './in-place.ts';
import { type GlobalOptions, runCommand } from './session.ts';

/** `bake history` */
export const history = (options: GlobalOptions): Promise<number> =>
  runCommand(
    'history',
    options,
    async (session) => {
      if (isInPlace(session.project)) return historyInPlace(session, options);
      const { run, cloud, project } = session;
      const { setback } = await findSetback(cloud, project, await readLastRun(cloud, project));
      const { colours, releases } = setback.history;
      const wayBack = wayBackOf(setback);
      run.fact('history', {
        group: colours.front.name,
        otherGroup: colours.back?.name,
        releases: releases.map((one) => ({ ...one, wayBack: one === wayBack })),
      });
      // Machines read the fact; the lines are for people.
      if (!options.json)
        for (const line of historyLines(setback.history, wayBack, run.clock.now())) run.note(line);
      return {
        headline: historyHeadline(setback.history, wayBack),
        next: wayBack && !wayBack.current ? ['bake rollback'] : ['bake rollback --to RELEASE'],
      };
    },
    { ...IN_PLACE.settings(), journal: false },
  );
