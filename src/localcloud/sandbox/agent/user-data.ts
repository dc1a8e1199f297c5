import { mkdirSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { say } from './console.ts';
import { scriptEnd, startScript } from './script.ts';
import type { BootSettings } from './settings.ts';

/** Where cloud-init keeps things: what an image must not be captured with is in the usual place. */
const CLOUD = '/var/lib/cloud';
const OUTPUT_LOG = '/var/log/cloud-init-output.log';
const RESULT = '/run/bake/user-data.json';

export type UserDataStatus = 'running' | 'done' | 'error';

/**
 * Runs user data at the first boot, as cloud-init's last stage (cloud-final.service) does: a script that starts with `#!`,
 * as root, output to its log and the console. Returns how it went; other forms of user data are named on the console and
 * left out.
 */
export async function runUserData(
  settings: BootSettings,
  environment: Record<string, string>,
): Promise<UserDataStatus> {
  if (!settings.firstBoot) return 'done';
  const instance = join(CLOUD, 'instances', settings.instanceId);
  mkdirSync(join(instance, 'scripts'), { recursive: true });
  rmSync(join(CLOUD, 'instance'), { force: true });
  symlinkSync(instance, join(CLOUD, 'instance'));
  writeFileSync(join(instance, 'user-data.txt'), settings.userData, { mode: 0o600 });

  let exitCode = 0;
  if (settings.userData.startsWith('#!')) {
    const script = join(instance, 'scripts', 'part-001');
    writeFileSync(script, settings.userData, { mode: 0o700 });
    const running = startScript([script], environment, { together: true });
    const log = openSync(OUTPUT_LOG, 'a', 0o640);
    running.stdout.on('data', (chunk) => {
      writeSync(1, chunk);
      writeSync(log, chunk);
    });
    running.stderr.resume();
    exitCode = await scriptEnd(running);
    if (exitCode !== 0) say(`cloud-init: user data failed with exit code ${exitCode}`);
  } else if (settings.userData.trim() !== '') {
    say('cloud-init: user data does not start with #!: only scripts are supported here, it was not run');
  }
  writeFileSync(RESULT, `${JSON.stringify({ exitCode })}\n`);
  const finished = `Cloud-init finished at ${new Date().toUTCString()}. Up ${uptime().toFixed(2)} seconds`;
  writeFileSync(join(instance, 'boot-finished'), `${finished}\n`);
  say(finished);
  return exitCode === 0 ? 'done' : 'error';
}
