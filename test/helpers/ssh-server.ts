import { spawn } from 'node:child_process';
import { type AddressInfo, connect } from 'node:net';
import ssh2, { type Connection } from 'ssh2';

/** A small SSH server on loopback: runs commands with sh, forwards connections, and can drop everybody. */
export async function startSshServer(hostKey: string) {
  const connections = new Set<Connection>();
  let accepted = 0;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connections.add(connection);
    accepted++;
    connection.on('error', () => {});
    connection.on('close', () => connections.delete(connection));
    connection.on('authentication', (context) => context.accept());
    connection.on('ready', () => {
      connection.on('session', (acceptSession) => {
        acceptSession().on('exec', (acceptExec, _reject, { command }) => {
          const channel = acceptExec();
          const child = spawn('sh', ['-c', command]);
          channel.pipe(child.stdin);
          child.stdout.pipe(channel, { end: false });
          child.stderr.pipe(channel.stderr, { end: false });
          child.on('close', (code) => {
            channel.exit(code ?? 1);
            channel.end();
          });
        });
      });
      connection.on('tcpip', (acceptForward, _reject, { destIP, destPort }) => {
        const socket = connect(destPort, destIP);
        const channel = acceptForward();
        channel.pipe(socket).pipe(channel);
        socket.on('error', () => channel.close());
        channel.on('error', () => socket.destroy());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get accepted() {
      return accepted;
    },
    dropAll() {
      for (const connection of connections) connection.end();
    },
    close: () => server.close(),
  };
}
