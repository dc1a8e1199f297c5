import { createConnection, type Socket } from 'node:net';
import { Server } from 'ssh2';
import { authorize } from './authorize.ts';
import { readHostKeys } from './host-keys.ts';
import { serveSession } from './session.ts';

/** sshd_config(5): LoginGraceTime, milliseconds. */
const LOGIN_TIME = 120_000;

/** Speaks SSH on a connection: logins by key, sessions, and connections onward (`ssh -L`, `-W`, `-J`). */
export function serveConnection(socket: Socket): void {
  const server = new Server({ hostKeys: readHostKeys(), ident: 'OpenSSH_9.2' }, (connection) => {
    connection.on('error', () => {}); // Reset by the client, or not SSH at all.
    const grace = setTimeout(() => connection.end(), LOGIN_TIME).unref();
    connection.once('ready', () => clearTimeout(grace));
    // One and the same in all of a connection's attempts: the library sees to that.
    let username = '';
    connection.on('authentication', (context) => {
      username = context.username;
      authorize(context);
    });
    connection.on('session', (accept) => serveSession(accept(), username));
    connection.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const target = createConnection(destPort, destIP);
      target.once('error', reject);
      target.once('connect', () => {
        target.off('error', reject);
        const channel = accept();
        channel.on('error', () => target.destroy());
        target.on('error', () => channel.destroy());
        channel.pipe(target).pipe(channel);
      });
    });
  });
  server.injectSocket(socket);
}
