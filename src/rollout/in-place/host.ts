import { quote } from '../../communicators/job.ts';
import type { Attached, ExecOutcome, SshConnection } from '../../communicators/ssh-connection.ts';
import { BakeError } from '../../run/errors.ts';
import type { HostAddress } from './find-hosts.ts';
import { holdLock } from './lock.ts';
import { type Login, logIn } from './login.ts';

/** A server that is worked on over one connection, which is opened anew when it was lost; with the lock, if it was held. */
export class Host {
  readonly name: string;
  readonly address: string;
  readonly isRoot: boolean;
  readonly #at: HostAddress;
  readonly #login: Login;
  #connection: Promise<SshConnection> | undefined;
  #lock: Parameters<typeof holdLock>[1] | undefined;

  constructor(at: HostAddress, login: Login) {
    this.name = at.name;
    this.address = at.address;
    this.isRoot = at.user === 'root';
    this.#at = at;
    this.#login = login;
  }

  /** Runs a shell script to its end. It gets no standard input. Rejects where the server cannot be reached. */
  async run(script: string): Promise<ExecOutcome> {
    return (await this.#connected()).exec('sh -s', `{\n${script}\n} </dev/null\n`);
  }

  /** The same for what has to succeed: its output. Throws a `BakeError` that says what could not be done. */
  async must(what: string, script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(`set -e\n${script}`);
    if (exitCode === 0) return stdout;
    const lines = `${stdout}\n${stderr}`.trim().split('\n').slice(-10);
    throw new BakeError(`${this.name}: ${what} failed: ${lines.at(-1) || `exit code ${exitCode}`}`, {
      details: lines.length > 1 ? lines : [],
    });
  }

  /** Runs a script that is ended, with all that it started, when nobody waits for it any more: `end`, or a lost connection. */
  async attach(script: string, onData: (text: string) => void): Promise<Attached> {
    return (await this.#connected()).attach(`sh -c ${quote(mortal(script))}`, onData);
  }

  async write(path: string, bytes: Buffer): Promise<void> {
    await (await this.#connected()).write(path, bytes);
  }

  /** Makes the server this run's alone, for as long as the connection lasts. Throws when somebody else has it. */
  async lock(options: Parameters<typeof holdLock>[1]): Promise<void> {
    await holdLock(await this.#connected(), options);
    this.#lock = options;
  }

  /** Lets go of the lock, too: it is the connection's. */
  close(): void {
    void this.#connection?.then(
      (open) => open.close(),
      () => {},
    );
    this.#connection = undefined;
  }

  async #connected(): Promise<SshConnection> {
    const open = await this.#connection?.catch(() => undefined);
    if (open && !open.closed) return open;
    this.#connection = this.#connect();
    return await this.#connection;
  }

  async #connect(): Promise<SshConnection> {
    const connection = await logIn(this.#login, this.#at);
    if (this.#lock) await holdLock(connection, { ...this.#lock, force: false });
    return connection;
  }
}

/** A watcher reads the standard input: at its end the script and its children are ended. A hang-up must not end the watcher first. */
const mortal = (script: string) => `exec 3<&0
setsid sh -c ${quote(script)} </dev/null 3<&- & child=$!
{ trap '' HUP; while read -r line; do :; done; kill -s TERM -- -$child; sleep 2; kill -s KILL -- -$child; } <&3 >/dev/null 2>&1 &
watcher=$!
wait $child
code=$?
kill $watcher 2>/dev/null
exit $code`;
