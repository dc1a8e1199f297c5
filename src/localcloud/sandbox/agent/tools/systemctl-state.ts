import { readFileSync } from 'node:fs';
import type { Machine } from '../machine.ts';
import { describeExit } from '../services/outcome.ts';
import type { Service } from '../services/service.ts';
import { unitFileState } from '../units/install.ts';
import { loadUnit } from '../units/search.ts';
import type { Command } from './systemctl.ts';
import { longTime, shortTime } from './times.ts';

/** LSB exit codes of a status command (systemctl(1), "Exit status"). */
const NOT_RUNNING = 3;
const NO_SUCH_UNIT = 4;

const find = (name: string, { manager }: Machine): Service | undefined =>
  name.endsWith('.service') && loadUnit(name) ? manager.find(name) : undefined;

const activeState = (name: string, machine: Machine): string =>
  find(name, machine)?.active ?? (machine.manager.isActivePassive(name) ? 'active' : 'inactive');

export const STATE_COMMANDS: Record<string, Command> = {
  'is-active': async ({ units, options, io, machine }) => {
    const states = units.map((name) => activeState(name, machine));
    if (!options.flags.has('quiet')) io.out(states.map((state) => `${state}\n`).join(''));
    return states.some((state) => state === 'active' || state === 'reloading') ? 0 : NOT_RUNNING;
  },
  'is-failed': async ({ units, options, io, machine }) => {
    const states = units.map((name) => activeState(name, machine));
    if (!options.flags.has('quiet')) io.out(states.map((state) => `${state}\n`).join(''));
    return states.includes('failed') ? 0 : 1;
  },
  'is-system-running': async ({ options, io, machine }) => {
    const { manager, power, userData } = machine;
    if (options.flags.has('wait')) await userData.done;
    const failed =
      manager.services.some((service) => service.active === 'failed') || userData.status === 'error';
    const state = power.ending ? 'stopping' : manager.busy ? 'starting' : failed ? 'degraded' : 'running';
    if (!options.flags.has('quiet')) io.out(`${state}\n`);
    return state === 'running' ? 0 : 1;
  },
  show: async ({ units, options, io, machine }) => {
    const only = [...(options.values.get('property') ?? []), ...(options.values.get('only') ?? [])].flatMap(
      (list) => list.split(','),
    );
    const bare = options.flags.has('value') || options.values.has('only');
    const blocks = units.map((name) => {
      const properties = describe(name, machine);
      const keys = only.length > 0 ? only.filter((key) => key in properties) : Object.keys(properties);
      return keys.map((key) => `${bare ? '' : `${key}=`}${properties[key]}\n`).join('');
    });
    io.out(blocks.join('\n'));
    return 0;
  },
  status: async ({ units, options, io, machine }) => {
    let code = 0;
    const lines = Number(options.values.get('lines')?.at(-1) ?? 10);
    for (const [index, name] of units.entries()) {
      const service = find(name, machine);
      if (!service) {
        io.err(`Unit ${name} could not be found.\n`);
        code = NO_SUCH_UNIT;
        continue;
      }
      io.out(`${index > 0 ? '\n' : ''}${statusOf(service, machine, lines)}`);
      if (!['active', 'reloading'].includes(service.active)) code ||= NOT_RUNNING;
    }
    return code;
  },
};

/** The properties people ask for (org.freedesktop.systemd1(5)). */
function describe(name: string, machine: Machine): Record<string, string | number> {
  const service = find(name, machine);
  if (!service) {
    const active = activeState(name, machine);
    const sub = active === 'active' ? 'active' : 'dead';
    const LoadState = loadUnit(name) ? 'loaded' : 'not-found';
    return {
      Id: name,
      Names: name,
      Description: name,
      LoadState,
      ActiveState: active,
      SubState: sub,
      MainPID: 0,
    };
  }
  const { unit, settings, mainExit } = service;
  const main = service.mainPid;
  return {
    Id: service.name,
    Names: service.name,
    Description: service.description,
    LoadState: service.badSetting ? 'bad-setting' : unit.loadState,
    ActiveState: service.active,
    SubState: service.sub,
    Result: service.result,
    Type: settings?.type ?? '',
    Restart: settings?.restart ?? '',
    NRestarts: service.restartCount,
    MainPID: main,
    ExecMainPID: main,
    ExecMainCode: mainExit ? (mainExit.signal ? 2 : 1) : 0,
    ExecMainStatus: mainExit?.code ?? 0,
    ExecMainStartTimestamp: longTime(service.startedAt),
    ActiveEnterTimestamp: service.active === 'active' ? longTime(service.since) : longTime(service.startedAt),
    StateChangeTimestamp: longTime(service.since),
    User: settings?.user ?? '',
    Group: settings?.group ?? '',
    FragmentPath: unit.path,
    DropInPaths: unit.dropIns.join(' '),
    SourcePath: '',
    CanReload: (settings?.exec.Reload.length ?? 0) > 0 ? 'yes' : 'no',
    UnitFileState: unitFileState(service.name) ?? '',
    NeedDaemonReload: 'no',
    After: service.words('After').join(' '),
  };
}

function statusOf(service: Service, { journal, hostname }: Machine, lines: number): string {
  const { unit, mainExit, active } = service;
  const mark = active === 'failed' ? '×' : active === 'active' ? '●' : '○';
  const result = active === 'failed' ? ` (Result: ${service.result})` : ` (${service.sub})`;
  const head = [
    `${mark} ${service.name} - ${service.description}`,
    `     Loaded: ${unit.loadState} (${unit.path}; ${unitFileState(service.name)})`,
    ...unit.dropIns.map((path) => `    Drop-In: ${path}`),
    `     Active: ${active}${result} since ${longTime(service.since)}`,
    ...(service.badSetting ? [`     Reason: ${service.badSetting}`] : []),
    ...(mainExit ? [`   Main PID: (${describeExit(mainExit)})`] : []),
    ...(service.mainPid > 0 ? [`   Main PID: ${service.mainPid} (${commandOf(service.mainPid)})`] : []),
    ...service.processes.map((pid) => `             ${pid} ${commandLineOf(pid)}`),
  ];
  const last =
    lines > 0
      ? journal
          .entries()
          .filter((entry) => entry.unit === service.name)
          .slice(-lines)
      : [];
  const log = last.map(
    (entry) =>
      `${shortTime(entry.at)} ${hostname.split('.')[0]} ${entry.name}[${entry.pid}]: ${entry.message}`,
  );
  return `${[...head, ...(log.length > 0 ? ['', ...log] : [])].join('\n')}\n`;
}

const fromProc = (pid: number, file: string) => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
};
const commandOf = (pid: number) => fromProc(pid, 'comm');
const commandLineOf = (pid: number) => fromProc(pid, 'cmdline');
