import { existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tool } from '../machine.ts';

const ZONES = '/usr/share/zoneinfo';

/** `timedatectl set-timezone ZONE`, as provisioners use it; the clock itself is the host's. */
export const timedatectl: Tool = async (args, io) => {
  const [verb = 'status', zone = ''] = args.filter((arg) => !arg.startsWith('-'));
  if (verb === 'status') {
    io.out(`Time zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone}\n`);
    return 0;
  }
  if (verb === 'set-ntp') return 0;
  if (verb !== 'set-timezone') {
    io.err(`timedatectl: ${verb} is not supported by the local cloud\n`);
    return 1;
  }
  if (!/^[\w/+-]+$/.test(zone) || !existsSync(join(ZONES, zone))) {
    io.err(`Failed to set time zone: Invalid or not installed time zone '${zone}'\n`);
    return 1;
  }
  rmSync('/etc/localtime', { force: true });
  symlinkSync(join(ZONES, zone), '/etc/localtime');
  if (existsSync('/etc/timezone')) writeFileSync('/etc/timezone', `${zone}\n`);
  return 0;
};
