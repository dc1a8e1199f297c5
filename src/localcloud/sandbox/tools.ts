/**
 * Commands that talk to the agent instead of to a real init system, and where they usually lie. They are files of the mask,
 * under the image's layers, so that a package that brings its own can still be installed; `/run/bake/tools`, first on
 * PATH, has them as well.
 */
export const TOOLS: Record<string, string[]> = {
  systemctl: ['usr/bin', 'bin'],
  journalctl: ['usr/bin', 'bin'],
  'systemd-run': ['usr/bin'],
  timedatectl: ['usr/bin'],
  'cloud-init': ['usr/bin'],
  shutdown: ['usr/sbin', 'sbin'],
  poweroff: ['usr/sbin', 'sbin'],
  reboot: ['usr/sbin', 'sbin'],
  halt: ['usr/sbin', 'sbin'],
};

export const toolScript = (tool: string) =>
  `#!/bin/sh\nexec /run/bake/bin/node /run/bake/agent/client.js ${tool} "$@"\n`;
