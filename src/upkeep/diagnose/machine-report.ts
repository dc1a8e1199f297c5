/** A service that has failed, or is restarted again and again. */
export interface BrokenUnit {
  name: string;
  /** systemd's Result=: "exit-code", "oom-kill", "signal" … */
  result: string;
  restarts: number;
  /** The last lines of its journal. */
  journal: string[];
}

export interface Disk {
  mount: string;
  usedPercent: number;
  availableKiB: number;
}

/** What an instance said about itself. */
export interface MachineReport {
  id: string;
  userData?: 'done' | 'running' | 'error';
  broken: BrokenUnit[];
  /** Services that run and were installed on the machine (in /etc/systemd/system): the application is among them. */
  running: string[];
  /** Kernel messages about memory. */
  kernel: string[];
  /** Journal lines that tell a cause. */
  telling: string[];
  disks: Disk[];
  /** Per cent of the inodes of / that are used, where its file system counts them. */
  inodesUsed?: number;
  memory?: { totalKiB: number; availableKiB: number };
  load?: { lastMinute: number; cpus: number };
  /** What it was asked to reach; `problem` where it could not. */
  reach: { endpoint: string; problem?: string }[];
}

interface Section {
  name: string;
  argument: string;
  lines: string[];
}

function sectionsOf(output: string): Section[] {
  const sections: Section[] = [];
  for (const line of output.split('\n').map((text) => text.trimEnd())) {
    const [, name, argument = ''] = /^@([a-z-]+)(?: (.*))?$/.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, argument, lines: [] });
    else if (line !== '') sections.at(-1)?.lines.push(line);
  }
  return sections;
}

/** Reads what the script printed; sections that are missing (the output is cut somewhere) are empty. Pure. */
export function readMachineReport(id: string, output: string): MachineReport {
  const sections = sectionsOf(output);
  const lines = (name: string) => sections.find((section) => section.name === name)?.lines ?? [];
  const [inodes] = lines('inodes').map(diskIn);
  const [load] = lines('load').map((line) => line.split(' ').map(Number));
  return {
    id,
    userData: userDataIn(lines('user-data')),
    broken: sections.flatMap(({ name, argument, lines }, at) =>
      name === 'unit' ? [unitIn(argument, lines, sections[at + 1])] : [],
    ),
    running: ownUnits(lines('running')),
    kernel: lines('kernel'),
    telling: [...new Set(lines('telling'))],
    disks: uniqueBy(lines('disk').map(diskIn), ({ mount }) => mount),
    inodesUsed: Number.isNaN(inodes?.usedPercent) ? undefined : inodes?.usedPercent,
    memory: memoryIn(lines('memory')),
    load: load && { lastMinute: load[0] ?? 0, cpus: load[1] ?? 1 },
    reach: sections.filter(({ name }) => name === 'reach').map(({ argument }) => reachIn(argument)),
  };
}

/** cloud-init status: "status: done", "status: running", "status: error". */
function userDataIn(lines: string[]): MachineReport['userData'] {
  const status = /^status: (done|running|error)/m.exec(lines.join('\n'))?.[1];
  return status as MachineReport['userData'];
}

function unitIn(name: string, lines: string[], next: Section | undefined): BrokenUnit {
  const property = (key: string) => lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  return {
    name,
    result: property('Result') ?? 'unknown',
    restarts: Number(property('NRestarts') ?? 0),
    journal: next?.name === 'journal' ? next.lines : [],
  };
}

/** Blocks of `Id=` and `FragmentPath=`, in either order. */
function ownUnits(lines: string[]): string[] {
  const values = (key: string) =>
    lines.filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1));
  const paths = values('FragmentPath');
  return values('Id').filter((_, at) => paths[at]?.startsWith('/etc/systemd/system/'));
}

/** A line of `df -P`: file system, blocks, used, available, per cent, mount point. */
function diskIn(line: string): Disk {
  const [, , , available, percent, ...mount] = line.split(/\s+/);
  return {
    mount: mount.join(' '),
    usedPercent: Number.parseInt(percent ?? '', 10),
    availableKiB: Number(available),
  };
}

function memoryIn(lines: string[]): MachineReport['memory'] {
  const value = (key: string) => Number(/\d+/.exec(lines.find((line) => line.startsWith(key)) ?? '')?.[0]);
  const [totalKiB, availableKiB] = [value('MemTotal'), value('MemAvailable')];
  return Number.isNaN(totalKiB) || Number.isNaN(availableKiB) ? undefined : { totalKiB, availableKiB };
}

function reachIn(argument: string): MachineReport['reach'][number] {
  const [endpoint = '', ...words] = argument.split(' ');
  const problem = words.join(' ');
  return problem === 'ok' ? { endpoint } : { endpoint, problem };
}

const uniqueBy = <T>(items: T[], key: (item: T) => unknown): T[] =>
  items.filter((item, at) => items.findIndex((other) => key(other) === key(item)) === at);
