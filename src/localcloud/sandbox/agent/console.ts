import { constants, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';

/** A line on the instance's console: the agent's own output, which the daemon keeps in a file. */
export const say = (line: string) => writeSync(1, `${line}\n`);

/** What programs write to /dev/console, a named pipe, goes the same way. */
export function relayConsole(): void {
  // Opened for writing too: it then never comes to an end, and opening does not wait for a writer.
  const fd = openSync('/dev/console', constants.O_RDWR | constants.O_NONBLOCK);
  new Socket({ fd, readable: true, writable: false }).on('data', (chunk) => writeSync(1, chunk));
}
