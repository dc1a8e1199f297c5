import { existsSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import { say } from './console.ts';
import { scriptEnd, startScript } from './script.ts';
import type { BootSettings } from './settings.ts';
import { partsOf } from './user-data-parts.ts';

/** Where cloud-init keeps things: what an image must not be captured with is in the usual place. */
const CLOUD = '/var/lib/cloud';
const OUTPUT_LOG = '/var/log/cloud-init-output.log';
const RESULT = '/run/bake/user-data.json';

export type UserDataStatus = 'running' | 'done' | 'error';

/**
 * Runs user data as cloud-init does, as root, output to its log and the console: boothooks early at every boot, scripts at the first one,
 * in its last stage (cloud-final.service). Returns how it went; other forms of user data are named on the console and left out.
 */
export async function runUserData(
  settings: BootSettings,
  environment: Record<string, string>,
): Promise<UserDataStatus> {
  const { instanceId, userData } = settings;
  const instance = join(CLOUD, 'instances', instanceId);
  // Who takes cloud-init's state away has its scripts run again.
  const semaphore = join(instance, 'sem', 'config_scripts_user');
  const firstBoot = settings.firstBoot || !existsSync(semaphore);
  const { parts, unknown } = partsOf(userData);
  const run = async (directory: string, name: string, text: string) => {
    mkdirSync(join(instance, directory), { recursive: true });
    const script = join(instance, directory, name);
    writeFileSync(script, text, { mode: 0o700 });
    return await runLogged(script, { ...environment, INSTANCE_ID: instanceId });
  };
  if (firstBoot) {
    mkdirSync(join(instance, 'scripts'), { recursive: true });
    rmSync(join(CLOUD, 'instance'), { force: true });
    symlinkSync(instance, join(CLOUD, 'instance'));
    writeFileSync(join(instance, 'user-data.txt'), userData, { mode: 0o600 });
  }
  for (const [index, { kind, text }] of parts.entries()) {
    if (kind !== 'boothook') continue;
    const exitCode = await run('boothooks', partName(index), text);
    if (exitCode !== 0) say(`cloud-init: boothook failed with exit code ${exitCode}`);
  }
  if (!firstBoot) return 'done';

  for (const form of unknown) {
    say(`cloud-init: user data does not start with #!: only scripts are supported here, ${form} was not run`);
  }
  let exitCode = 0;
  for (const [index, { kind, text }] of parts.entries()) {
    if (kind !== 'script') continue;
    const code = await run('scripts', partName(index), text);
    if (code !== 0) say(`cloud-init: user data failed with exit code ${code}`);
    exitCode ||= code;
  }
  mkdirSync(dirname(semaphore), { recursive: true });
  writeFileSync(semaphore, '');
  writeFileSync(RESULT, `${JSON.stringify({ exitCode })}\n`);
  const finished = `Cloud-init finished at ${new Date().toUTCString()}. Up ${uptime().toFixed(2)} seconds`;
  writeFileSync(join(instance, 'boot-finished'), `${finished}\n`);
  say(finished);
  return exitCode === 0 ? 'done' : 'error';
}

const partName = (index: number): string => `part-${String(index + 1).padStart(3, '0')}`;

async function runLogged(script: string, environment: Record<string, string>): Promise<number> {
  const running = startScript([script], environment, { together: true });
  const log = openSync(OUTPUT_LOG, 'a', 0o640);
  running.stdout.on('data', (chunk) => {
    writeSync(1, chunk);
    writeSync(log, chunk);
  });
  running.stderr.resume();
  return await scriptEnd(running);
}
