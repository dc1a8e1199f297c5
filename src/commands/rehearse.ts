import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Project } from '../config/schema.ts';
import { randomScenario } from '../rehearse/random.ts';
import { rehearse } from '../rehearse/rehearsal.ts';
import type { Scenario } from '../rehearse/scenario-schema.ts';
import { chooseScenarios, readScenario, shippedScenarios } from '../rehearse/scenarios.ts';
import { failedOf, triedLines } from '../rehearse/tried.ts';
import { usageError } from '../run/errors.ts';
import { count, formatDuration } from '../run/format.ts';
import { type GlobalOptions, runCommand } from './session.ts';

interface RehearseCommandOptions extends GlobalOptions {
  /** A scenario file of the user's own. */
  faults?: string[];
  /** Names. */
  scenario?: string[];
  seed?: number;
  /** Such as 60x. */
  speed: string;
  hooks?: boolean;
  keep?: boolean;
}

/** `bake rehearse` */
export const rehearseCommand = (options: RehearseCommandOptions): Promise<number> =>
  runCommand(
    'rehearse',
    options,
    async ({ run, project }) => {
      const { hooks = false, keep = false, seed } = options;
      const speed = speedIn(options.speed);
      const scenarios = scenariosOf(options, project);
      const program: [string, string] = [
        process.execPath,
        fileURLToPath(new URL('../cli.js', import.meta.url)),
      ];
      const settings = { program, variables: process.env, scenarios, speed, seed, hooks, keep };
      const { tried, directory, differences } = await rehearse(run, project, settings);
      run.fact('rehearsal', { differences, tried });
      if (!options.json) for (const line of triedLines(tried)) run.note(line);
      if (directory !== undefined)
        run.note(
          `kept: bake status -C ${directory} --local, and bake local reset -C ${directory} at the end`,
        );
      const failed = failedOf(tried);
      const played = tried.filter(({ verdict }) => verdict !== 'left-out').length;
      const took = formatDuration(run.clock.now() - run.startedAt);
      const headline =
        failed.length === 0
          ? `rehearsed: ${count(played, 'thing')} tried, all as expected, after ${took}`
          : `rehearsed: ${failed.map(({ name }) => name).join(', ')} not as expected, ${played - failed.length} of ${played} were, after ${took}`;
      return {
        ok: failed.length === 0,
        headline,
      };
    },
    {
      journal: false,
      cloud: () => false,
      rehearsal: true,
      interrupted: {
        first: 'interrupted: removing the local cloud of the rehearsal',
        second:
          'a local cloud may still run in a directory bake-rehearsal-… of the temporary directory; `bake local reset -C` ends it',
      },
    },
  );

/** What is asked for by name, by file and by number; everything that comes with bake where nothing is. */
function scenariosOf(options: RehearseCommandOptions, { config }: Project): Scenario[] {
  const { scenario: names = [], faults = [], seed, directory = '.' } = options;
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw usageError('--seed: expected a whole number');
  const own = faults.map((file) => readScenario(resolve(directory, file)));
  const random = seed === undefined ? [] : [randomScenario(seed, config.cloud)];
  const asked = own.length + random.length > 0;
  return [
    ...(asked && names.length === 0 ? [] : chooseScenarios(shippedScenarios(), names)),
    ...own,
    ...random,
  ];
}

function speedIn(text: string): number {
  const speed = Number(/^(\d+(?:\.\d+)?)x?$/.exec(text)?.[1]);
  if (speed > 0) return speed;
  throw usageError(`--speed ${text}: expected a number above 0, such as 60x`);
}
