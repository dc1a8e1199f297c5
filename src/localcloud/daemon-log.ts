import { copyFileSync, existsSync, fstatSync, ftruncateSync } from 'node:fs';

/** The log starts anew at this size, bytes; the part before is kept as `daemon.log.1`. */
const LARGEST_LOG = 8 * 1024 * 1024;
const STDOUT = 1;

/**
 * Writes to stdout, which whoever started the daemon has opened as its log file (for appending: after it is cut, the next
 * line is its first). What the runtime itself says when it crashes lands in the same file.
 */
export function daemonLog(file: string): (message: string) => void {
  return (message) => {
    process.stdout.write(`${new Date().toISOString()} ${message}\n`);
    if (fstatSync(STDOUT).size > LARGEST_LOG && existsSync(file)) {
      copyFileSync(file, `${file}.1`);
      ftruncateSync(STDOUT, 0);
    }
  };
}
