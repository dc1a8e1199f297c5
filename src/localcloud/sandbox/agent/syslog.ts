import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Journal } from './journal.ts';

const SOCKET = '/dev/log';

/**
 * syslog(3) and logger(1): a stream socket, which they turn to where there is no datagram one (Node has none). What they send
 * goes to the journal: `<priority>Mmm dd hh:mm:ss name[pid]: message`, ended by NUL or a line break.
 */
export function listenForSyslog(journal: Journal): void {
  rmSync(SOCKET, { force: true }); // Of before a reboot.
  const server = createServer((socket) => {
    let rest = '';
    const add = (record: string) => {
      const [, name = 'unknown', pid = '0', message = record] =
        /^<\d+>(?:[A-Z][a-z]{2} [ \d]\d [\d:]{8} )?([^\s:[]+)(?:\[(\d+)\])?: ?(.*)$/s.exec(record) ?? [];
      journal.add({ unit: '', name, pid: Number(pid), message });
    };
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      const records = (rest + chunk).split(/[\0\n]/);
      rest = records.pop() as string;
      for (const record of records) if (record !== '') add(record);
    });
    socket.on('close', () => {
      if (rest !== '') add(rest);
    });
    socket.on('error', () => {}); // The sender was killed.
  });
  server.listen(SOCKET, () => chmodSync(SOCKET, 0o666));
}
