import { readFileSync } from 'node:fs';
import { disable, enable, mask, unitFileState, unmask } from '../units/install.ts';
import { loadUnit } from '../units/search.ts';
import type { Command, Request } from './systemctl.ts';
import { startUnits, stopUnits } from './systemctl-jobs.ts';

/** Changes unit files' links, says what was done, reads everything anew (as enable and disable do). */
const change =
  (verb: string, work: (name: string) => string[], also?: Command): Command =>
  async (request: Request) => {
    const { units, options, io, machine } = request;
    for (const name of units) {
      try {
        const said = work(name);
        if (said.length > 0 && !options.flags.has('quiet')) io.err(`${said.join('\n')}\n`);
      } catch (error) {
        io.err(`Failed to ${verb} unit: ${(error as Error).message}\n`);
        return 1;
      }
    }
    machine.manager.reload();
    return also && options.flags.has('now') ? also(request) : 0;
  };

const mustExist = (work: (name: string) => string[]) => (name: string) => {
  if (!loadUnit(name)) throw new Error(`Unit file ${name} does not exist.`);
  return work(name);
};

export const FILE_COMMANDS: Record<string, Command> = {
  enable: change('enable', enable, startUnits),
  reenable: change('reenable', (name) => [...disable(name), ...enable(name)], startUnits),
  disable: change('disable', mustExist(disable), stopUnits),
  preset: change('preset', enable),
  mask: change('mask', mask, stopUnits),
  unmask: change('unmask', unmask),
  'is-enabled': async ({ units, options, io }) => {
    let enabled = false;
    for (const name of units) {
      const state = unitFileState(name);
      if (state === undefined)
        io.err(`Failed to get unit file state for ${name}: No such file or directory\n`);
      else if (!options.flags.has('quiet')) io.out(`${state}\n`);
      enabled ||= state === 'enabled' || state === 'static' || state === 'alias';
    }
    return enabled ? 0 : 1;
  },
  cat: async ({ units, io }) => {
    let code = 0;
    for (const name of units) {
      const unit = loadUnit(name);
      if (!unit) {
        io.err(`No files found for ${name}.\n`);
        code = 1;
        continue;
      }
      for (const path of [unit.path, ...unit.dropIns]) io.out(`# ${path}\n${readFileSync(path, 'utf8')}\n`);
    }
    return code;
  },
  'get-default': async ({ io }) => {
    io.out('multi-user.target\n');
    return 0;
  },
  'set-default': async () => 0,
};
