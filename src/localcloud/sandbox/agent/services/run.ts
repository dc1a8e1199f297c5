import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { isAlive, killAll, processesOf, signalAll, until } from '../processes.ts';
import type { ExecCommand } from '../units/exec-line.ts';
import { type LaunchContext, LaunchError, launch, makeDirectories } from './launch.ts';
import { watchMemory } from './memory.ts';
import { describeExit, type Exit, type Result, resultOf } from './outcome.ts';

/** How often the main process of a forking service is looked at, milliseconds: it is not our child. */
const FORKED_LOOK = 250;
const LONGEST_TIMER = 2 ** 31 - 1;

interface Main {
  pid: number;
  exit?: Exit;
  ended: Promise<Exit>;
}

/** The processes of a service from one start to its stop. */
export class ServiceRun {
  readonly context: LaunchContext;
  main: Main | undefined;
  /** A stop was asked for: the end is no failure, and nothing is started again. */
  stopping = false;
  /** It used more memory than it may (MemoryMax=). */
  outOfMemory = false;
  readonly #log: (message: string) => void;
  #variables: Record<string, string> = {};

  constructor(context: LaunchContext, log: (message: string) => void) {
    this.context = context;
    this.#log = log;
  }

  get processes(): number[] {
    return processesOf(this.context.invocation);
  }

  /** ExecCondition= and ExecStartPre=, after the directories were made. */
  async prepare(): Promise<Result> {
    const { exec, timeoutStart } = this.context.settings;
    try {
      this.#variables = makeDirectories(this.context);
    } catch (error) {
      return this.#failed(error);
    }
    return this.control([...exec.Condition, ...exec.StartPre], timeoutStart, { stoppable: true });
  }

  /** Looks after its memory for as long as it runs; returns what ends that. */
  watchMemory(): () => void {
    const { invocation, settings, journal } = this.context;
    return watchMemory(invocation, settings.memoryMax, {
      kernel: (message) => journal.add({ unit: '', name: 'kernel', pid: 0, message }),
      onKill: () => {
        this.outOfMemory = true;
        this.#log('A process of this unit has been killed by the OOM killer.');
      },
    });
  }

  /** ExecStart=: resolves when the service counts as started; a oneshot has then run. */
  async startMain(): Promise<Result> {
    const { settings } = this.context;
    const { exec, timeoutStart, type } = settings;
    if (type === 'oneshot') return this.control(exec.Start, timeoutStart, { stoppable: true, main: true });
    if (type === 'forking') {
      const result = await this.control(exec.Start, timeoutStart, { stoppable: true });
      return result === 'success' ? this.#adoptForked() : result;
    }
    try {
      const child = launch(this.context, exec.Start[0] as ExecCommand, this.#variables);
      this.#setMain(child.pid ?? 0, exited(child));
    } catch (error) {
      const result = this.#failed(error);
      // Type=simple counts as started once the process is made; that it cannot be executed shows afterwards.
      if (type !== 'simple' || result === 'resources') return result;
      return 'success';
    }
    return 'success';
  }

  /**
   * Runs commands one after the other; the first failure that counts ends them. `main`: they are the service itself
   * (oneshot). `stoppable`: a stop in between ends them too.
   */
  async control(
    commands: ExecCommand[],
    withinMs: number,
    options: { main?: boolean; stoppable?: boolean; variables?: Record<string, string> } = {},
  ): Promise<Result> {
    const deadline = Date.now() + withinMs;
    for (const command of commands) {
      if (options.stoppable && this.stopping) return 'success';
      let child: ChildProcess;
      try {
        child = launch(this.context, command, {
          ...this.#variables,
          ...this.#mainPid(),
          ...options.variables,
        });
      } catch (error) {
        const result = this.#failed(error);
        if (command.ignoreFailure) continue;
        return result;
      }
      const ended = exited(child);
      if (options.main) this.main = { pid: child.pid ?? 0, ended };
      let timedOut = false;
      const onTimeout = () => {
        timedOut = true;
        void killAll(this.context.invocation);
      };
      const timer = setTimeout(onTimeout, Math.min(LONGEST_TIMER, Math.max(0, deadline - Date.now())));
      const exit = await ended;
      clearTimeout(timer);
      if (options.main && this.main) this.main.exit = exit;
      if (timedOut) return 'timeout';
      const result = resultOf(exit, this.context.settings);
      if (result === 'success' || command.ignoreFailure) continue;
      this.#log(`${options.main ? 'Main' : 'Control'} process exited, ${describeExit(exit)}`);
      return result;
    }
    return 'success';
  }

  /** Signals, then SIGKILL after the stop time-out (systemd.kill(5)). 'timeout' when it came to that. */
  async terminate(capMs: number): Promise<Result> {
    const { settings, invocation } = this.context;
    const { killMode } = settings;
    if (killMode === 'none') return 'success';
    const main = () => (this.main && this.main.pid > 0 && !this.main.exit ? [this.main.pid] : []);
    const targets = () => (killMode === 'control-group' ? processesOf(invocation) : main());
    signalAll(targets(), settings.killSignal);
    const ended = await until(() => targets().length === 0, Math.min(settings.timeoutStop, capMs));
    if (!ended) this.#log("State 'stop-sigterm' timed out. Killing.");
    if (settings.sendSigkill) {
      if (killMode === 'process') signalAll(main(), 'SIGKILL');
      else await killAll(invocation);
    }
    return ended ? 'success' : 'timeout';
  }

  /** How the main process ended; undefined when there was none, or it was left running (KillMode=none). */
  async mainExit(): Promise<Exit | undefined> {
    if (!this.main || (this.main.pid > 0 && !this.main.exit && isAlive(this.main.pid))) return undefined;
    return this.main.ended;
  }

  /** ExecStopPost= and what a stopped service leaves behind. */
  async cleanUp(result: Result, exit: Exit | undefined, withinMs: number): Promise<void> {
    const { exec, directories, killMode, invocation } = { ...this.context, ...this.context.settings };
    await this.control(exec.StopPost, withinMs, {
      variables: {
        SERVICE_RESULT: result,
        EXIT_CODE: exit?.signal ? 'killed' : 'exited',
        EXIT_STATUS: String(exit?.signal?.slice(3) ?? exit?.code ?? 0),
      },
    });
    if (killMode === 'control-group' || killMode === 'mixed') await killAll(invocation);
    for (const { temporary, paths } of directories)
      if (temporary) for (const path of paths) rmSync(path, { recursive: true, force: true });
  }

  /** Type=forking: the parent has ended; its PIDFile=, or the first process left, is the service. */
  async #adoptForked(): Promise<Result> {
    const { pidFile, timeoutStart } = this.context.settings;
    let pid = 0;
    const found = await until(() => {
      if (pidFile === undefined) pid = this.processes[0] ?? 0;
      else if (existsSync(pidFile)) pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10) || 0;
      return pid > 0 || pidFile === undefined;
    }, timeoutStart);
    if (!found) return 'timeout';
    if (pid === 0) return 'protocol';
    // Its status goes to PID 1, which reaps it: it counts as a clean end.
    const gone = until(() => !isAlive(pid), Number.POSITIVE_INFINITY, FORKED_LOOK);
    this.#setMain(
      pid,
      gone.then(() => ({ code: 0, signal: null })),
    );
    return 'success';
  }

  #mainPid(): Record<string, string> {
    return this.main && !this.main.exit ? { MAINPID: String(this.main.pid) } : {};
  }

  #setMain(pid: number, ended: Promise<Exit>): void {
    const main: Main = { pid, ended };
    this.main = main;
    void ended.then((exit) => {
      main.exit = exit;
      if (resultOf(exit, this.context.settings) !== 'success' || exit.signal)
        this.#log(`Main process exited, ${describeExit(exit)}`);
    });
  }

  /** A process that could not be made has ended with systemd's own status for that; other errors are the system's. */
  #failed(error: unknown): Result {
    this.#log((error as Error).message);
    const exit = { code: error instanceof LaunchError ? error.status : 1, signal: null };
    this.main = { pid: 0, exit, ended: Promise.resolve(exit) };
    return exit.code === 1 ? 'resources' : 'exit-code';
  }
}

function exited(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', () => resolve({ code: 203, signal: null }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}
