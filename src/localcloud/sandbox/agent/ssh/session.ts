import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import type { PseudoTtyInfo, ServerChannel, Session } from 'ssh2';
import { type Account, findUser } from '../services/accounts.ts';
import { PATH } from '../settings.ts';

/**
 * Node hands its children sockets, and what opens /dev/stdin or /dev/stdout by name cannot open those: `cat` parts them. In steps, as the
 * descriptors that bash makes for `<()` would otherwise stay open: what goes on in the background would hold the channel.
 */
const PIPES = [
  'exec 3<&0',
  'exec < <(exec cat <&3 3<&-) 3<&-',
  'exec 3> >(exec cat) 4> >(exec cat >&2)',
  'exec "$@" >&3 2>&4 3>&- 4>&-',
].join('; ');
/** script(1) is the one program on every Linux that makes a terminal. */
const TERMINAL = '/usr/bin/script';
const SFTP_SERVER = 'exec /run/bake/bin/node /run/bake/agent/ssh/sftp.js';

type Size = Pick<PseudoTtyInfo, 'rows' | 'cols'>;

/** One session of a connection: a shell, a command or SFTP, as the user, with or without a terminal. */
export function serveSession(session: Session, username: string): void {
  const user = findUser(username) as Account;
  const variables: Record<string, string> = {};
  let terminal: Size | undefined;
  let child: ChildProcess | undefined;

  session.on('pty', (accept, reject, info) => {
    if (!existsSync(TERMINAL)) return reject();
    terminal = info;
    variables.TERM = (info as PseudoTtyInfo & { term?: string }).term || 'vt100';
    accept();
  });
  session.on('env', (accept, reject, { key, val }) => {
    // sshd_config(5): Debian's and Amazon's AcceptEnv.
    if (!/^(LANG|LC_\w+)$/.test(key)) return reject?.();
    variables[key] = val;
    accept?.();
  });
  session.on('window-change', (accept, _reject, size) => {
    if (child) resize(child, size);
    accept?.();
  });
  session.on('signal', (accept, _reject, { name }) => {
    if (child) signal(child, `SIG${name}` as NodeJS.Signals);
    accept?.();
  });
  const start = (channel: ServerChannel, command: string | undefined) => {
    child = terminal
      ? startInTerminal(user, command, variables, terminal)
      : startPlain(user, command, variables);
    connect(child, channel).catch(() => channel.destroy());
  };
  session.on('exec', (accept, _reject, { command }) => start(accept(), command));
  session.on('shell', (accept) => start(accept(), undefined));
  session.on('subsystem', (accept, reject, { name }) => {
    if (name !== 'sftp') return reject();
    terminal = undefined;
    start(accept(), SFTP_SERVER);
  });
}

function startPlain(user: Account, command: string | undefined, variables: Record<string, string>) {
  return start(user, ['/bin/bash', '-c', PIPES, 'bash', ...shell(user, command)], variables);
}

function startInTerminal(
  user: Account,
  command: string | undefined,
  variables: Record<string, string>,
  { rows, cols }: Size,
) {
  const words = shell(user, command).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  const line = `stty rows ${Number(rows)} cols ${Number(cols)} 2>/dev/null; exec ${words.join(' ')}`;
  return start(user, [TERMINAL, '-qefc', line, '/dev/null'], { ...variables, SHELL: '/bin/sh' });
}

/** sshd(8), "LOGIN PROCESS": the user's shell runs the command, or is a login shell. */
const shell = (user: Account, command: string | undefined) =>
  command === undefined ? [user.shell, '-l'] : [user.shell, '-c', command];

function start(user: Account, argv: string[], variables: Record<string, string>): ChildProcess {
  const own = { USER: user.name, LOGNAME: user.name, HOME: user.home, SHELL: user.shell, PATH };
  const environment: NodeJS.ProcessEnv = { ...process.env, LANG: 'C.UTF-8', ...own, ...variables };
  const become = ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups', '--'];
  const [program, ...args] = user.uid === 0 ? argv : [...become, ...argv];
  const cwd = existsSync(user.home) ? user.home : '/';
  return spawn(program as string, args, { cwd, env: environment, detached: true });
}

/** Passes everything on; ends the channel with the command's status once all its output has gone out. */
async function connect(child: ChildProcess, channel: ServerChannel): Promise<void> {
  const { stdin, stdout, stderr } = child as { stdin: Writable; stdout: Readable; stderr: Readable };
  stdin.on('error', () => {}); // It does not read what it is sent.
  channel.on('error', () => {});
  channel.on('close', () => signal(child, 'SIGHUP'));
  channel.pipe(stdin);
  stdout.pipe(channel, { end: false });
  stderr.pipe(channel.stderr, { end: false });
  const arrived = Promise.all([once(stdout, 'close'), once(stderr, 'close')]);
  const [code, killedBy] = await once(child, 'exit');
  stdin.destroy();
  await arrived;
  if (killedBy) channel.exit((killedBy as string).replace('SIG', ''));
  else channel.exit(code ?? 255);
  channel.end();
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-(child.pid as number), name);
  } catch {} // It has ended.
}

/** The terminal is that of what script(1) runs; stty(1) tells its programs of the new size. */
function resize(child: ChildProcess, { rows, cols }: Size): void {
  const parentOf = (pid: string) => / (\d+)/.exec(stat(pid))?.[1];
  const inside = readdirSync('/proc').find((pid) => /^\d+$/.test(pid) && parentOf(pid) === String(child.pid));
  try {
    const terminal = readlinkSync(`/proc/${inside}/fd/0`);
    spawn('stty', ['-F', terminal, 'rows', String(rows), 'cols', String(cols)], { stdio: 'ignore' });
  } catch {} // Just starting or ending.
}

/** proc_pid_stat(5) after the command's name: state, parent, … */
function stat(pid: string): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}
