// The agent: the first process of an instance after PID 1. Runs user data and services, and does what the daemon and the
// tools inside ask. When it exits, the instance ends.
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { Commands } from './commands.ts';
import { relayConsole, say } from './console.ts';
import { Journal } from './journal.ts';
import type { Machine } from './machine.ts';
import { Power } from './power.ts';
import { serve } from './server.ts';
import { ServiceManager } from './services/manager.ts';
import { PATH, readSettings } from './settings.ts';
import { listenForSyslog } from './syslog.ts';
import { runUserData } from './user-data.ts';

/** Set in /run, which a reboot inside keeps: user data has had its turn. */
const BOOTED = '/run/bake/booted';

const settings = readSettings();
if (existsSync(BOOTED)) settings.firstBoot = false;
writeFileSync(BOOTED, '');

// The instance lives as long as this process: a mistake in one service's affairs must not end it.
process.on('uncaughtException', (error) => say(`agent: ${error.stack}`));
relayConsole();
const journal = new Journal();
listenForSyslog(journal);
const manager = new ServiceManager(settings.hostname, settings.environment, journal);
const power = new Power(manager);
const shellEnvironment = {
  ...settings.environment,
  PATH,
  HOME: '/root',
  USER: 'root',
  LOGNAME: 'root',
  SHELL: '/bin/bash',
  LANG: 'C.UTF-8',
};
const machine: Machine = {
  hostname: settings.hostname,
  journal,
  manager,
  power,
  userData: { status: 'running', done: Promise.resolve() },
};

identify();
await serve(machine, new Commands(shellEnvironment));
// The daemon waits for this; after a reboot inside nobody does.
if (process.env.BAKE_READY) {
  const pipe = Number(process.env.BAKE_READY);
  writeSync(pipe, 'ready\n');
  closeSync(pipe);
}
say(`${settings.hostname}: instance ${settings.instanceId} is up`);
// Only where there is a key pair to let in. What goes wrong there is in the journal.
const configured = manager.start('cloud-config.service').catch(() => {});
const userData = configured
  .then(() => runUserData(settings, shellEnvironment))
  .then(
    (status) => {
      machine.userData.status = status;
    },
    (error: Error) => {
      machine.userData.status = 'error';
      say(`cloud-init: user data could not be run: ${error.message}`);
    },
  );
machine.userData.done = userData;
manager.boot(userData);

/** An empty or missing machine-id is filled at boot, as systemd does: images are captured without one. */
function identify(): void {
  const file = '/etc/machine-id';
  if (!existsSync(file) || readFileSync(file, 'utf8').trim() === '')
    writeFileSync(file, `${randomBytes(16).toString('hex')}\n`, { mode: 0o444 });
  writeFileSync('/etc/hostname', `${settings.hostname}\n`);
}
