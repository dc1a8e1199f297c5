import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { clientVariables, inWords, startLocal } from '../api/local-cloud.ts';
import { localCloudStatus, resetLocalCloud, stopLocalCloud } from '../localcloud/control.ts';
import type { LocalCloudInfo, LocalCloudOptions } from '../localcloud/control-info.ts';
import { usageError } from '../run/errors.ts';
import { formatDuration } from '../run/format.ts';
import { withFailures } from './failure.ts';
import { localDirectory } from './local-directory.ts';
import type { GlobalOptions } from './session.ts';

interface StartFlags {
  speed?: number;
  runtime?: string;
  seed?: number;
  latency?: string;
  faults?: string;
}

/** `bake local start` */
export const localStart = (options: GlobalOptions & StartFlags): Promise<number> =>
  withFailures(options, () =>
    inWords(async () => {
      const wanted = startOptions(options);
      const info = await startLocal(localDirectory(options), wanted);
      if (!info.started) refuseOthers(info, wanted);
      if (options.json) print(JSON.stringify(publicInfo(info)));
      else print(...startedLines(info));
      return 0;
    }),
  );

/** `bake local stop` */
export const localStop = (options: GlobalOptions): Promise<number> =>
  withFailures(options, () =>
    inWords(async () => {
      const info = await stopLocalCloud(localDirectory(options));
      if (options.json) print(JSON.stringify({ stopped: info !== undefined }));
      else print(info ? `stopped the local cloud (process ${info.pid})` : 'the local cloud did not run');
      return 0;
    }),
  );

/** `bake local status` */
export const localStatus = (options: GlobalOptions): Promise<number> =>
  withFailures(options, () =>
    inWords(async () => {
      const info = await localCloudStatus(localDirectory(options));
      if (options.json) {
        print(
          JSON.stringify(
            info ? { running: true, ...publicInfo(info), instances: info.instances } : { running: false },
          ),
        );
      } else if (info) {
        const up = formatDuration(Date.now() - Date.parse(info.startedAt));
        print(`the local cloud runs: ${info.endpoint}, ${info.region}`);
        print(`  process    ${info.pid}, up ${up}`, `  instances  ${instancesText(info.instances)}`);
        print(`  runs them  ${info.description}${optionsText(info.options)}`);
      } else print('the local cloud does not run', '', 'Next:', '  bake local start');
      return 0;
    }),
  );

/** `bake local reset` */
export const localReset = (options: GlobalOptions): Promise<number> =>
  withFailures(options, () =>
    inWords(async () => {
      await resetLocalCloud(localDirectory(options));
      print(options.json ? JSON.stringify({ reset: true }) : 'removed the local cloud and everything in it');
      return 0;
    }),
  );

/** `bake local env`: starts the local cloud if need be; its output is for `eval`. */
export const localEnv = (options: GlobalOptions): Promise<number> =>
  withFailures(options, () =>
    inWords(async () => {
      const variables = clientVariables(await startLocal(localDirectory(options)));
      if (options.json) print(JSON.stringify(variables));
      else {
        for (const [name, value] of Object.entries(variables)) print(`export ${name}=${value}`);
        // A profile or a session's token would be preferred to these keys, or sent along with them.
        print('unset AWS_PROFILE AWS_SESSION_TOKEN ALIBABA_CLOUD_PROFILE ALIBABA_CLOUD_SECURITY_TOKEN');
      }
      return 0;
    }),
  );

function startOptions(flags: GlobalOptions & StartFlags): LocalCloudOptions {
  const { speed, runtime, seed } = flags;
  if (speed !== undefined && !(speed > 0)) throw usageError('--speed: expected a number above 0, such as 60');
  if (seed !== undefined && !Number.isSafeInteger(seed)) throw usageError('--seed: expected a whole number');
  if (runtime !== undefined && runtime !== 'sandbox' && runtime !== 'none')
    throw usageError(`--runtime: expected sandbox or none, got "${runtime}"`);
  const [latency, faults] = (['latency', 'faults'] as const).map((flag) => {
    const given = flags[flag];
    const file = given === undefined ? undefined : resolve(flags.directory ?? process.cwd(), given);
    if (file !== undefined && !existsSync(file)) throw usageError(`--${flag}: ${given} does not exist`);
    return file;
  });
  const given = { speed, runtime, seed, latency, faults };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** It runs already: fine, unless something else was asked for. */
function refuseOthers(info: LocalCloudInfo, wanted: LocalCloudOptions): void {
  const present: LocalCloudOptions = { runtime: 'sandbox', speed: 1, ...info.options };
  const other = Object.entries(wanted).some(
    ([name, value]) => present[name as keyof LocalCloudOptions] !== value,
  );
  if (other)
    throw usageError(
      `the local cloud runs already${optionsText(info.options) || ', with no options'}`,
      'Stop it first (bake local stop; its state stays), then start it with the others.',
    );
}

const optionsText = (options: LocalCloudOptions): string => {
  const texts = Object.entries(options).map(([name, value]) => `--${name} ${value}`);
  return texts.length > 0 ? `, with ${texts.join(' ')}` : '';
};

const publicInfo = ({ endpoint, region, accessKeyId, secretAccessKey, runtime, pid }: LocalCloudInfo) => ({
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
  runtime,
  pid,
});

const startedLines = (info: LocalCloudInfo & { started: boolean }): string[] => [
  `the local cloud ${info.started ? 'runs' : 'runs already'}: ${info.description}${optionsText(info.options)}`,
  `  endpoint           ${info.endpoint}`,
  `  region             ${info.region}`,
  `  access key id      ${info.accessKeyId}`,
  `  secret access key  ${info.secretAccessKey}`,
  '',
  'Next:',
  '  bake build --local',
  '  eval "$(bake local env)"',
];

function instancesText(byState: Record<string, number>): string {
  const texts = Object.entries(byState).map(([state, number]) => `${number} ${state}`);
  return texts.length > 0 ? texts.join(', ') : 'none';
}

const print = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
