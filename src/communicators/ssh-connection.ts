import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import { messageOf } from '../run/errors.ts';

/** Where and as whom to log in. */
export interface SshTarget {
  host: string;
  port: number;
  user: string;
  privateKey: string;
  /** The only host key that is accepted: a line as in `ssh_host_ed25519_key.pub`. */
  hostKey: string;
}

/** One that is answered by somebody else: not tried again with the same answer, and never worked on. */
export class WrongHostKey extends Error {}

export interface ExecOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** How long a connection may take, milliseconds; and after how many unanswered questions, 5 s apart, it is given up. */
const CONNECT_TIMEOUT = 10_000;
const KEEPALIVE = { keepaliveInterval: 5_000, keepaliveCountMax: 6 };

/** An open SSH connection, by way of another host where one is given. */
export class SshConnection {
  readonly #client: Client;
  readonly #bastion: SshConnection | undefined;
  /** Rejects when the connection has ended: the library leaves some requests unanswered then. */
  readonly #lost: Promise<never>;
  #closed = false;

  private constructor(client: Client, bastion: SshConnection | undefined) {
    this.#client = client;
    this.#bastion = bastion;
    this.#lost = new Promise((_, reject) => {
      client.once('close', () => {
        this.#closed = true;
        reject(new Error('the connection was lost'));
      });
    });
    this.#lost.catch(() => {}); // Nobody may be waiting when it ends.
  }

  /** Connects and logs in. Throws WrongHostKey, or what went wrong. */
  static async open(target: SshTarget, bastion?: SshTarget): Promise<SshConnection> {
    const by = bastion && (await SshConnection.open(bastion));
    try {
      const sock = by ? await by.#forward(target) : undefined;
      return new SshConnection(await connect(target, sock), by);
    } catch (error) {
      by?.close();
      throw error;
    }
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs a command with `input` on its standard input. Rejects when the connection breaks before it has ended. */
  exec(command: string, input: string): Promise<ExecOutcome> {
    const outcome = new Promise<ExecOutcome>((resolve, reject) => {
      this.#client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let stdout = '';
        let stderr = '';
        let exitCode: number | undefined;
        channel.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
        });
        channel.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
        });
        channel.once('exit', (code: number | null) => {
          exitCode = code ?? 255;
        });
        channel.once('close', () =>
          exitCode === undefined
            ? reject(new Error('the connection was lost'))
            : resolve({ exitCode, stdout, stderr }),
        );
        channel.once('error', reject);
        channel.end(input);
      });
    });
    return Promise.race([outcome, this.#lost]);
  }

  /** Writes a file by SFTP, mode 0600. */
  write(path: string, bytes: Buffer): Promise<void> {
    const written = new Promise<void>((resolve, reject) => {
      this.#client.sftp((error, sftp) => {
        if (error) return reject(error);
        sftp.writeFile(path, bytes, { mode: 0o600 }, (failure) => {
          sftp.end();
          if (failure) reject(failure);
          else resolve();
        });
      });
    });
    return Promise.race([written, this.#lost]);
  }

  /** At once: what is under way is lost. */
  close(): void {
    this.#closed = true;
    this.#client.destroy();
    this.#bastion?.close();
  }

  #forward({ host, port }: SshTarget): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
        error ? reject(error) : resolve(channel),
      );
    });
  }
}

async function connect(target: SshTarget, sock: ConnectConfig['sock']): Promise<Client> {
  const ssh2 = (await import('ssh2')).default;
  const expected = ssh2.utils.parseKey(target.hostKey);
  if (expected instanceof Error) throw new Error(`not a host key: ${expected.message}`);
  const client = new ssh2.Client();
  // A refused connection reports more than one error, and a lost one shows as closed: each command in flight tells.
  client.on('error', () => {});
  let wrongKey = false;
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    // One that ends between handshake and login reports no error.
    client.once('close', () => reject(new Error(`${target.host} ended the connection before the login`)));
    client.once('error', (error) =>
      reject(
        wrongKey ? new WrongHostKey(`${target.host} shows another host key`) : new Error(messageOf(error)),
      ),
    );
    client.connect({
      host: target.host,
      port: target.port,
      username: target.user,
      privateKey: target.privateKey,
      sock,
      readyTimeout: CONNECT_TIMEOUT,
      ...KEEPALIVE,
      // A server with keys of several kinds must show the one we know.
      algorithms: { serverHostKey: [expected.type as 'ssh-ed25519'] },
      hostVerifier: (key: Buffer) => {
        const right = key.equals(expected.getPublicSSH());
        wrongKey = !right;
        return right;
      },
    });
  });
}
