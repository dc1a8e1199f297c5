import type { Machine } from '../machine.ts';
import type { PowerAction } from '../power.ts';
import { NoSuchUnit } from '../services/manager.ts';
import { JobError } from '../services/service.ts';
import type { Command, Request } from './systemctl.ts';

/** systemctl(1): "unit not loaded". */
const NOT_FOUND = 5;

/** Does a job for each unit at once; says what failed. With --no-block it only sets them going. */
const job =
  (verb: string, work: (name: string, machine: Machine) => Promise<unknown>): Command =>
  async ({ units, options, io, machine }: Request) => {
    if (units.length === 0) {
      io.err('Too few arguments.\n');
      return 1;
    }
    let code = 0;
    const jobs = units.map(async (name) => {
      try {
        if (name.endsWith('.service')) machine.manager.find(name);
        const running = work(name, machine);
        if (options.flags.has('no-block')) running.catch(() => {});
        else await running;
      } catch (error) {
        if (!(error instanceof NoSuchUnit) && !(error instanceof JobError)) throw error;
        const missing = error instanceof NoSuchUnit;
        if (!options.flags.has('quiet'))
          io.err(missing ? `Failed to ${verb} ${name}: ${error.message}\n` : `${error.message}\n`);
        code = missing ? NOT_FOUND : 1;
      }
    });
    await Promise.all(jobs);
    return code;
  };

const isUp = (name: string, { manager }: Pick<Machine, 'manager'>) =>
  name.endsWith('.service')
    ? !['inactive', 'failed'].includes(manager.find(name).active)
    : manager.isActivePassive(name);

const start = (name: string, { manager }: Machine) => {
  // A start by hand begins to count restarts anew.
  if (name.endsWith('.service') && !isUp(name, { manager })) manager.find(name).restartCount = 0;
  return manager.start(name);
};
const restart = (name: string, { manager }: Machine) => manager.restart(name);
const reload = (name: string, { manager }: Machine) => manager.find(name).reloadProcesses();
const canReload = (name: string, { manager }: Machine) =>
  (manager.find(name).settings?.exec.Reload.length ?? 0) > 0;

const end =
  (action: PowerAction): Command =>
  async ({ machine }) => {
    machine.power.schedule(action, 0);
    return 0;
  };

export const startUnits = job('start', start);
export const stopUnits = job('stop', (name, { manager }) => manager.stop(name));

export const JOB_COMMANDS: Record<string, Command> = {
  start: startUnits,
  stop: stopUnits,
  restart: job('restart', restart),
  reload: job('reload', reload),
  'try-restart': job('try-restart', async (name, machine) => {
    if (isUp(name, machine)) await restart(name, machine);
  }),
  'reload-or-restart': job('reload-or-restart', async (name, machine) => {
    if (!isUp(name, machine)) return start(name, machine);
    return canReload(name, machine) ? reload(name, machine) : restart(name, machine);
  }),
  'try-reload-or-restart': job('try-reload-or-restart', async (name, machine) => {
    if (!isUp(name, machine)) return;
    await (canReload(name, machine) ? reload(name, machine) : restart(name, machine));
  }),
  kill: (request) => {
    const given = request.options.values.get('signal')?.at(-1) ?? 'SIGTERM';
    const signal = (given.startsWith('SIG') ? given : `SIG${given}`) as NodeJS.Signals;
    const whom = request.options.values.get('whom')?.at(-1) === 'main' ? 'main' : 'all';
    return job('kill', async (name, { manager }) => manager.find(name).signal(signal, whom))(request);
  },
  'daemon-reload': async ({ machine }) => {
    machine.manager.reload();
    return 0;
  },
  'daemon-reexec': async () => 0,
  'reset-failed': async ({ units, machine }) => {
    const all =
      units.length === 0 ? machine.manager.services : units.map((name) => machine.manager.find(name));
    for (const service of all) service.resetFailed();
    return 0;
  },
  poweroff: end('poweroff'),
  halt: end('poweroff'),
  reboot: end('reboot'),
};
