import type { Tool } from '../machine.ts';
import { cloudInit } from './cloud-init.ts';
import { journalctl } from './journalctl.ts';
import { powerTool, shutdown } from './shutdown.ts';
import { systemctl } from './systemctl.ts';
import { systemdRun } from './systemd-run.ts';
import { timedatectl } from './timedatectl.ts';

export const tools: Record<string, Tool> = {
  systemctl,
  journalctl,
  shutdown,
  poweroff: powerTool('poweroff'),
  halt: powerTool('poweroff'),
  reboot: powerTool('reboot'),
  'cloud-init': cloudInit,
  'systemd-run': systemdRun,
  timedatectl,
};
