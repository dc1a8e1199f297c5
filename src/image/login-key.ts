import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What it takes to reach a machine by SSH: the private half of its login key, and the host key that it must prove to have. */
export interface LoginKey {
  privateKey: string;
  hostKey: string;
}

const SUFFIX = '.key';
const directoryOf = (project: string): string => join(project, '.bake', 'runs');
const fileOf = (project: string, machine: string): string =>
  join(directoryOf(project), `${machine}${SUFFIX}`);

/**
 * Keeps the keys of a machine beside its run's journal, for whoever owns the file alone (mode 0600): after a crash another run can take
 * up the machine. They open this one machine, as long as it is there.
 */
export function keepLoginKey(project: string, machine: string, key: LoginKey): void {
  const file = fileOf(project, machine);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(key), { mode: 0o600 });
}

/** Undefined when they are not here. */
export function readLoginKey(project: string, machine: string): LoginKey | undefined {
  try {
    return JSON.parse(readFileSync(fileOf(project, machine), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Succeeds when they are gone already. */
export const dropLoginKey = (project: string, machine: string): void =>
  rmSync(fileOf(project, machine), { force: true });

/** The machines whose keys are here, with their runs, which their names end with. */
export function loginKeys(project: string): { machine: string; run: string }[] {
  let files: string[] = [];
  try {
    files = readdirSync(directoryOf(project));
  } catch {} // Nothing ran here yet.
  return files
    .filter((file) => file.endsWith(SUFFIX))
    .map((file) => file.slice(0, -SUFFIX.length))
    .map((machine) => ({ machine, run: machine.split('-').slice(-3).join('-') }));
}
