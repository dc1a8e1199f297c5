import type ssh2 from 'ssh2';
import type { Client, ClientChannel, ConnectConfig } from 'ssh2';
import { messageOf } from '../run/errors.ts';

/** Where and as whom to log in. */
export interface SshTarget {
  host: string;
  port: number;
  user: string;
  /** One of both: a private key, or the socket of an agent that has some. */
  privateKey?: string;
  agent?: string;
  /** The only host key that is accepted: a line as in `ssh_host_ed25519_key.pub`; or what says which is. */
  hostKey: string | HostKeyCheck;
}

/** Says whether the key that a server shows is its own. */
export interface HostKeyCheck {
  /** The kinds of keys that it may show ("ssh-ed25519"), the preferred first. */
  types: string[];
  /** What is wrong with a key (in the wire format), which ends the connection; undefined: it is the server's. */
  refuse(key: Buffer): Error | undefined;
}

/** One that is answered by somebody else: not tried again with the same answer, and never worked on. */
export class WrongHostKey extends Error {}

export interface ExecOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A command under way. */
export interface Attached {
  outcome: Promise<ExecOutcome>;
  /** Closes its standard input. */
  end(): void;
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
    return this.#execute(command, (channel) => channel.end(input));
  }

  /**
   * The same with a standard input that stays open until `end` is called, or this process is gone: a command that reads it can know
   * that nobody waits for it any more. `onData` gets the output as it comes.
   */
  attach(command: string, onData: (text: string) => void = () => {}): Attached {
    let end = () => {};
    const wanted = new Promise<void>((resolve) => {
      end = resolve;
    });
    const outcome = this.#execute(
      command,
      (channel) => void wanted.then(() => channel.end()),
      (text) => onData(text),
    );
    outcome.catch(() => {}); // It may be looked at later.
    return { outcome, end };
  }

  #execute(
    command: string,
    opened: (channel: ClientChannel) => void,
    onData: (text: string) => void = () => {},
  ): Promise<ExecOutcome> {
    const outcome = new Promise<ExecOutcome>((resolve, reject) => {
      this.#client.exec(command, (error, channel) => {
        if (error) return reject(error);
        let stdout = '';
        let stderr = '';
        let exitCode: number | undefined;
        channel.setEncoding('utf8').on('data', (text: string) => {
          stdout += text;
          onData(text);
        });
        channel.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text;
          onData(text);
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
        opened(channel);
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
  const check = typeof target.hostKey === 'string' ? onlyKey(target, target.hostKey, ssh2) : target.hostKey;
  const client = new ssh2.Client();
  // A refused connection reports more than one error, and a lost one shows as closed: each command in flight tells.
  client.on('error', () => {});
  let refused: Error | undefined;
  return new Promise((resolve, reject) => {
    client.once('ready', () => resolve(client));
    // One that ends between handshake and login reports no error.
    client.once('close', () => reject(new Error(`${target.host} ended the connection before the login`)));
    client.once('error', (error) => reject(refused ?? new Error(messageOf(error))));
    client.connect({
      host: target.host,
      port: target.port,
      username: target.user,
      privateKey: target.privateKey,
      agent: target.agent,
      sock,
      readyTimeout: CONNECT_TIMEOUT,
      ...KEEPALIVE,
      // A server with keys of several kinds must show one that we can know.
      algorithms: { serverHostKey: check.types as 'ssh-ed25519'[] },
      hostVerifier: (key: Buffer) => {
        refused = check.refuse(key);
        return refused === undefined;
      },
    });
  });
}

function onlyKey({ host }: SshTarget, hostKey: string, { utils }: typeof ssh2): HostKeyCheck {
  const expected = utils.parseKey(hostKey);
  if (expected instanceof Error) throw new Error(`not a host key: ${expected.message}`);
  return {
    types: [expected.type],
    refuse: (key) =>
      key.equals(expected.getPublicSSH()) ? undefined : new WrongHostKey(`${host} shows another host key`),
  };
}
