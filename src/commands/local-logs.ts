import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { inWords } from '../api/local-cloud.ts';
import { localCloudConsole } from '../localcloud/control.ts';
import { localCloudFiles } from '../localcloud/control-info.ts';
import { systemClock } from '../run/clock.ts';
import { usageError } from '../run/errors.ts';
import { listenForInterrupts } from '../run/signals.ts';
import { withFailures } from './failure.ts';
import { localDirectory } from './local-directory.ts';
import type { GlobalOptions } from './session.ts';

/** How often `--follow` looks for more, milliseconds. */
const LOOK_AGAIN = 250;

/** `bake local logs [INSTANCE] [--follow]`: the daemon's log, or what an instance has written to its console. */
export const localLogs = (
  options: GlobalOptions & { follow?: boolean },
  instanceId: string | undefined,
): Promise<number> =>
  withFailures(options, () =>
    inWords(async () => {
      const directory = localDirectory(options);
      const more =
        instanceId === undefined
          ? newInFile(localCloudFiles(directory).log)
          : newInConsole(directory, instanceId);
      process.stdout.write(await more());
      if (options.follow) await follow(more);
      return 0;
    }),
  );

/** Ends with Ctrl-C. */
async function follow(more: () => Promise<string>): Promise<void> {
  const interrupts = listenForInterrupts({ onFirst() {}, onSecond() {} });
  try {
    while (!interrupts.signal.aborted) {
      await systemClock.sleep(LOOK_AGAIN, interrupts.signal).catch(() => {});
      process.stdout.write(await more());
    }
  } finally {
    interrupts.stop();
  }
}

function newInFile(file: string): () => Promise<string> {
  if (!existsSync(file)) throw usageError('the local cloud has no log yet', 'Start it: bake local start');
  let seen = 0;
  return async () => {
    const descriptor = openSync(file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      // It was cut: what came before is in daemon.log.1.
      if (size < seen) seen = 0;
      const buffer = Buffer.alloc(size - seen);
      const read = readSync(descriptor, buffer, 0, buffer.length, seen);
      seen += read;
      return buffer.toString('utf8', 0, read);
    } finally {
      closeSync(descriptor);
    }
  };
}

function newInConsole(directory: string, instanceId: string): () => Promise<string> {
  let seen = '';
  return async () => {
    const text = await localCloudConsole(directory, instanceId);
    // Only the end of a long console is kept: what was seen last is looked for in it.
    const known = seen.slice(-1_000);
    const at = text.lastIndexOf(known);
    const from = known === '' || at < 0 ? 0 : at + known.length;
    seen = text;
    return text.slice(from);
  };
}
