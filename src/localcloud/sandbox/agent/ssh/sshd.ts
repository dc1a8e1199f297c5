// The SSH server of an instance that was launched with a key pair: a service of its own (`systemctl status sshd`), bundled
// into one file with the library it uses, as an instance sees no node_modules. Each connection is served by a process of its
// own, which outlives the listening one: a script may restart the service that it is logged in by.
import { fork } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { MARK } from '../processes.ts';
import { readSettings } from '../settings.ts';
import { serveConnection } from './connection.ts';
import { firstBoot } from './first-boot.ts';

/** 22 is taken where the machine's own SSH server listens on all addresses: instances share its network. */
const PORTS = [22, 2222];
const CONNECTION = 'connection';
/** Not by the server itself: user data may put a host key of its own in place while the server starts. */
const CONFIG = 'config';

if (process.argv[2] === CONNECTION) {
  process.once('message', (_, socket) => {
    serveConnection(socket as Socket);
    // Not before Node has acknowledged the connection to the listening process.
    setImmediate(() => process.disconnect());
  });
} else if (process.argv[2] === CONFIG) firstBoot(readSettings());
else listen(readSettings().address, PORTS);

function listen(address: string, [port, ...others]: number[]): void {
  const server = createServer({ pauseOnConnect: true }, serveApart);
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' || others.length === 0) throw error;
    process.stdout.write(`Port ${port} is taken on this machine: trying ${others[0]}\n`);
    listen(address, others);
  });
  server.listen(port, address, () => process.stdout.write(`Server listening on ${address} port ${port}.\n`));
}

function serveApart(socket: Socket): void {
  // What a login starts is no part of the service.
  const { [MARK]: _, ...env } = process.env;
  const child = fork(process.argv[1] as string, [CONNECTION], { detached: true, env });
  child.send('socket', socket);
}
