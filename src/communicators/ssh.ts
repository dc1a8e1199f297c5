import { randomUUID } from 'node:crypto';
import type { Cloud, CommandResult } from '../clouds/cloud.ts';
import { messageOf } from '../run/errors.ts';
import { quote } from './job.ts';
import { BY_FILE } from './limits.ts';
import { SshConnection, type SshTarget, WrongHostKey } from './ssh-connection.ts';
import type { Asking, Transport } from './transport.ts';

export interface SshOptions {
  cloud: Cloud;
  instanceId: string;
  address: 'private' | 'public';
  /** Where it is known from the launch. */
  privateAddress?: string;
  /** Tried in order until the right host key answers. */
  ports: number[];
  user: string;
  privateKey: string;
  /** The machine's own host key, as handed to it. */
  hostKey: string;
  bastion?: SshTarget;
}

/** Asking costs nothing: the answer comes by itself, and only has to be noticed. */
const ASKING: Asking = { first: 30, longest: 200, news: 200, newsLater: 500 };
/** Milliseconds in which a machine that is up answers. */
const ANSWER_TIMEOUT = 15_000;
/** So many bytes travel with the command that needs them. */
const SMALL = 44_000;
const LOST: CommandResult = { state: 'failed', stdout: '', stderr: 'the connection was lost' };

/**
 * Over SSH, with one connection that is opened anew when it breaks (a reboot, a restarted service). The host key is checked strictly:
 * only the one that bake gave the machine is accepted. Anyone but root becomes root by `sudo -n`.
 */
export function sshTransport(options: SshOptions): Transport {
  const { user } = options;
  const asRoot = (command: string) => (user === 'root' ? command : `sudo -n ${command}`);
  const outcomes = new Map<string, CommandResult>();
  let connection: Promise<SshConnection> | undefined;

  async function connected(): Promise<SshConnection> {
    const open = await connection?.catch(() => undefined);
    if (open && !open.closed) return open;
    connection = connect(options);
    return await connection;
  }

  function letGo(): void {
    void connection?.then(
      (open) => open.close(),
      () => {},
    );
    connection = undefined;
  }

  /**
   * Something short over the connection. A server that is just being restarted may take a connection or a request and never
   * answer it: then the connection is given up, and the next call opens another.
   */
  async function patiently<T>(
    work: (open: SshConnection) => Promise<T>,
    patience = ANSWER_TIMEOUT,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('it does not answer')), patience);
    });
    const answer = connected().then(work);
    answer.catch(() => {}); // After the silence nobody waits for it.
    try {
      return await Promise.race([answer, silence]);
    } catch (error) {
      letGo();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** A command whose connection broke is lost, not failed: the job on the machine goes on, and can be asked. */
  async function exec(script: string): Promise<CommandResult> {
    try {
      const { exitCode, stdout, stderr } = await (await connected()).exec(asRoot('sh -s'), script);
      return { state: exitCode === 0 ? 'success' : 'failed', exitCode, stdout, stderr };
    } catch {
      return LOST;
    }
  }

  return {
    asking: ASKING,
    recorded: false,
    limit: BY_FILE,
    hint: `Is an SSH server in the base image, and may ${user} become root by sudo? Is the machine's ${options.address} address reachable from here?`,

    async reach() {
      try {
        const { exitCode, stderr } = await patiently((open) => open.exec(asRoot('true'), ''));
        return exitCode === 0
          ? { ready: true }
          : { ready: false, state: `${user} cannot become root: ${stderr.trim()}` };
      } catch (error) {
        const wrong = error instanceof WrongHostKey;
        return { ready: false, state: wrong ? `${error.message} than bake gave it` : messageOf(error) };
      }
    },

    async send(script, { timeout }) {
      const id = randomUUID();
      outcomes.set(id, { state: 'running', stdout: '', stderr: '' });
      const timer = setTimeout(() => outcomes.set(id, { ...LOST, state: 'timed-out' }), timeout);
      void exec(script).then((outcome) => {
        clearTimeout(timer);
        outcomes.set(id, outcome);
      });
      return id;
    },

    result: async (commandId) => outcomes.get(commandId) ?? LOST,

    async carry(directory, bytes) {
      if (bytes.length <= SMALL) return { fetch: `printf %s ${bytes.toString('base64')} | base64 -d` };
      // /dev/shm is memory, and open to every user: the file never touches the disk that becomes the image.
      const path = `/dev/shm/${directory.replace(/^.*\//, 'bake-')}`;
      // 1 MB/s is a slow network.
      const patience = ANSWER_TIMEOUT + bytes.length / 1_000;
      const write = () => patiently((open) => open.write(path, bytes), patience);
      // The same file written twice is still whole.
      await write().catch(write);
      return { fetch: `{ cat ${quote(path)} && rm -f ${quote(path)}; }` };
    },

    close: letGo,
  };
}

async function connect(options: SshOptions): Promise<SshConnection> {
  const { address, ports, user, privateKey, hostKey, bastion } = options;
  const host = await hostOf(options);
  if (host === undefined) throw new Error(`it has no ${address} address yet`);
  let failure: unknown;
  for (const port of ports) {
    try {
      return await SshConnection.open({ host, port, user, privateKey, hostKey }, bastion);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** A private address is the machine's for good; a public one may change when it is stopped and started, so it is asked for each time. */
async function hostOf({ cloud, instanceId, address, privateAddress }: SshOptions) {
  if (address === 'private' && privateAddress !== undefined) return privateAddress;
  const [instance] = await cloud.instances.find([instanceId]);
  return address === 'public' ? instance?.publicAddress : instance?.privateAddress;
}
