import { randomUUID } from 'node:crypto';
import { say } from '../console.ts';
import type { Journal } from '../journal.ts';
import { signalAll } from '../processes.ts';
import type { LoadedUnit } from '../units/search.ts';
import { readServiceSettings, type ServiceSettings } from '../units/service-settings.ts';
import { expandSpecifiers } from '../units/specifiers.ts';
import { splitWords } from '../units/words.ts';
import { unmet } from './conditions.ts';
import { type Exit, type Result, restarts, resultOf } from './outcome.ts';
import { ServiceRun } from './run.ts';

export type ActiveState = 'inactive' | 'activating' | 'active' | 'reloading' | 'deactivating' | 'failed';

/** Why a job failed, in systemd's words ("because the control process exited with error code"). */
export class JobError extends Error {}

const REASONS: Record<Result, string> = {
  success: 'the service ended',
  'exit-code': 'the control process exited with error code',
  signal: 'a fatal signal was delivered to the control process',
  'core-dump': 'a fatal signal was delivered causing the control process to dump core',
  'oom-kill': 'of an out-of-memory (OOM) situation',
  timeout: 'a timeout was exceeded',
  protocol: 'the service did not take the steps required by its unit configuration',
  resources: 'of unavailable resources or another system error',
  'start-limit-hit': 'start of the service was attempted too often',
};

/** A service unit and its processes: systemd's state machine for [Service]. */
export class Service {
  unit: LoadedUnit;
  settings: ServiceSettings | undefined;
  active: ActiveState = 'inactive';
  sub = 'dead';
  result: Result = 'success';
  /** Of the last main process. */
  mainExit: Exit | undefined;
  /** Since when it is in this state, milliseconds since the epoch. */
  since = Date.now();
  startedAt: number | undefined;
  restartCount = 0;
  /** Called when it has ended in failure. */
  onFailed: () => void = () => {};
  /** Why its file cannot be used. */
  badSetting: string | undefined;

  readonly #hostname: string;
  readonly #instanceEnvironment: Record<string, string>;
  readonly #journal: Journal;
  #run: ServiceRun | undefined;
  #starting: Promise<void> | undefined;
  #ending: Promise<void> | undefined;
  #restartTimer: NodeJS.Timeout | undefined;
  #starts: number[] = [];

  constructor(
    unit: LoadedUnit,
    surroundings: { hostname: string; environment: Record<string, string>; journal: Journal },
  ) {
    this.unit = unit;
    this.#hostname = surroundings.hostname;
    this.#instanceEnvironment = surroundings.environment;
    this.#journal = surroundings.journal;
    this.reload(unit);
  }

  get name(): string {
    return this.unit.name;
  }

  get description(): string {
    return this.#expand(this.unit.file.last('Unit', 'Description') ?? this.name);
  }

  /** The words of a [Unit] setting that names other units: After, Requires … */
  words(key: string): string[] {
    return this.unit.file.list('Unit', key).flatMap((value) => splitWords(this.#expand(value)));
  }

  /** Processes that belong to it now. */
  get processes(): number[] {
    return this.#run?.processes ?? [];
  }

  get mainPid(): number {
    const main = this.#run?.main;
    return main && !main.exit ? main.pid : 0;
  }

  /** Takes over its file as read anew (daemon-reload). */
  reload(unit: LoadedUnit): void {
    this.unit = unit;
    this.badSetting = undefined;
    this.settings = undefined;
    if (unit.loadState !== 'loaded') return;
    try {
      this.settings = readServiceSettings(unit.file, (text) => this.#expand(text));
    } catch (error) {
      this.badSetting = (error as Error).message;
    }
  }

  /** Resolves when it has started (oneshot: when it has run). Throws JobError. */
  async start(): Promise<void> {
    if (this.#ending) await this.#ending;
    if (this.active === 'active' || this.active === 'reloading') return;
    if (this.#starting) return this.#starting;
    clearTimeout(this.#restartTimer);
    this.#restartTimer = undefined;
    this.#starting = this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Resolves when nothing of it runs any more. `capMs` shortens its own stop time-out. */
  async stop(capMs = Number.POSITIVE_INFINITY): Promise<void> {
    if (this.#restartTimer) {
      clearTimeout(this.#restartTimer);
      this.#restartTimer = undefined;
      this.#set('inactive', 'dead');
    }
    const run = this.#run;
    if (!run) return;
    if (this.#ending) return this.#ending;
    run.stopping = true;
    // It may have come to its end when everything is terminated.
    const starting = this.#starting;
    if (starting) {
      await run.terminate(capMs);
      await starting.catch(() => {});
      return;
    }
    this.#log(`Stopping ${this.#title}...`);
    await this.#end(run, 'success', capMs);
    this.#log(`Stopped ${this.#title}.`);
  }

  /** ExecReload=. Throws JobError when it has none or is not active. */
  async reloadProcesses(): Promise<void> {
    const run = this.#run;
    if (!run || this.active !== 'active') throw new JobError(`${this.name} is not active, cannot reload.`);
    const commands = run.context.settings.exec.Reload;
    if (commands.length === 0) throw new JobError(`Job type reload is not applicable for unit ${this.name}.`);
    this.#set('reloading', 'reload');
    const result = await run.control(commands, run.context.settings.timeoutStart);
    if (this.#run === run && !this.#ending) this.#set('active', 'running');
    if (result !== 'success') throw this.#jobError(result);
  }

  /** systemctl kill. */
  signal(signal: NodeJS.Signals, whom: 'all' | 'main'): void {
    signalAll(whom === 'main' && this.mainPid > 0 ? [this.mainPid] : this.processes, signal);
  }

  resetFailed(): void {
    this.#starts = [];
    this.restartCount = 0;
    if (this.active === 'failed') this.#set('inactive', 'dead');
  }

  async #start(): Promise<void> {
    const { settings } = this;
    if (!settings)
      throw new JobError(`Unit ${this.name} has a bad unit file setting: ${this.badSetting ?? 'masked'}`);
    this.#checkStartLimit(settings);
    const condition = unmet('Condition', this.unit.file, (text) => this.#expand(text));
    if (condition) {
      this.#log(`${this.#title} was skipped because of an unmet condition check (${condition}).`);
      return;
    }
    const assert = unmet('Assert', this.unit.file, (text) => this.#expand(text));
    if (assert) throw new JobError(`Starting ${this.#title} failed: assertion ${assert} does not hold.`);

    const context = {
      unit: this.name,
      settings,
      invocation: randomUUID().replaceAll('-', ''),
      instanceEnvironment: this.#instanceEnvironment,
      journal: this.#journal,
    };
    const run = new ServiceRun(context, (message) => this.#log(`${this.name}: ${message}`));
    this.#run = run;
    this.mainExit = undefined;
    this.result = 'success';
    this.#log(`Starting ${this.#title}...`);
    const result = await this.#bringUp(run, settings);
    if (run.stopping) {
      await this.#end(run, 'success', Number.POSITIVE_INFINITY);
      throw new JobError(`Job for ${this.name} canceled.`);
    }
    if (result !== 'success') {
      this.#log(`Failed to start ${this.#title}.`);
      say(`[FAILED] Failed to start ${this.#title}.`);
      await this.#end(run, result, Number.POSITIVE_INFINITY);
      throw this.#jobError(result);
    }
    const oneshot = settings.type === 'oneshot';
    const done = oneshot && !settings.remainAfterExit ? 'Finished' : 'Started';
    this.#log(`${done} ${this.#title}.`);
    say(`[  OK  ] ${done} ${this.#title}.`);
    this.startedAt = Date.now();
    this.#set('active', oneshot ? 'exited' : 'running');
    if (oneshot || run.main?.exit) return this.#mainEnded(run);
    const unwatch = run.watchMemory();
    void run.main?.ended.then(() => {
      unwatch();
      return this.#mainEnded(run);
    });
  }

  /** ExecCondition to ExecStartPost. */
  async #bringUp(run: ServiceRun, { exec, timeoutStart }: ServiceSettings): Promise<Result> {
    this.#set('activating', 'start-pre');
    const prepared = await run.prepare();
    if (prepared !== 'success' || run.stopping) return prepared;
    this.#set('activating', 'start');
    const started = await run.startMain();
    if (started !== 'success' || run.stopping) return started;
    if (exec.StartPost.length > 0) this.#set('activating', 'start-post');
    return run.control(exec.StartPost, timeoutStart, { stoppable: true });
  }

  /** The main process of a started service has ended by itself. */
  async #mainEnded(run: ServiceRun): Promise<void> {
    const { settings } = run.context;
    if (this.#run !== run || run.stopping || this.#ending) return;
    const exit = run.main?.exit;
    this.mainExit = exit;
    const result = run.outOfMemory ? 'oom-kill' : exit ? resultOf(exit, settings) : 'success';
    if (result === 'success' && settings.remainAfterExit) this.#set('active', 'exited');
    else await this.#end(run, result, Number.POSITIVE_INFINITY);
  }

  #end(run: ServiceRun, result: Result, capMs: number): Promise<void> {
    this.#ending ??= this.#bringDown(run, result, capMs).finally(() => {
      this.#ending = undefined;
    });
    return this.#ending;
  }

  /** ExecStop (unless it failed), signals, ExecStopPost; then a restart if there must be one. */
  async #bringDown(run: ServiceRun, cause: Result, capMs: number): Promise<void> {
    const { settings } = run.context;
    const withinMs = Math.min(settings.timeoutStop, capMs);
    let result = cause;
    const worse = (other: Result) => {
      if (result === 'success') result = other;
    };
    if (result === 'success' && this.active === 'active') {
      this.#set('deactivating', 'stop');
      worse(await run.control(settings.exec.Stop, withinMs));
    }
    this.#set('deactivating', 'stop-sigterm');
    worse(await run.terminate(capMs));
    const exit = await run.mainExit();
    if (exit) worse(resultOf(exit, settings));
    this.mainExit = exit;
    this.#set('deactivating', 'stop-post');
    await run.cleanUp(result, exit, withinMs);
    this.#run = undefined;
    this.startedAt = undefined;
    this.result = result;
    const failed = result !== 'success';
    this.#log(
      failed ? `${this.name}: Failed with result '${result}'.` : `${this.name}: Deactivated successfully.`,
    );
    if (!run.stopping && restarts(settings, result, exit)) this.#restartLater(settings);
    else this.#set(failed ? 'failed' : 'inactive', failed ? 'failed' : 'dead');
    if (this.active === 'failed') this.onFailed();
  }

  #restartLater(settings: ServiceSettings): void {
    this.#set('activating', 'auto-restart');
    this.#restartTimer = setTimeout(() => {
      this.#restartTimer = undefined;
      this.restartCount++;
      this.#log(`${this.name}: Scheduled restart job, restart counter is at ${this.restartCount}.`);
      this.start().catch(() => {}); // What went wrong is in the journal.
    }, settings.restartSec);
  }

  #checkStartLimit({ startLimit }: ServiceSettings): void {
    const now = Date.now();
    this.#starts = this.#starts.filter((at) => at > now - startLimit.interval);
    if (startLimit.interval > 0 && startLimit.burst > 0 && this.#starts.length >= startLimit.burst) {
      this.#log(`${this.name}: Start request repeated too quickly.`);
      if (this.result === 'success') this.result = 'start-limit-hit';
      this.#set('failed', 'failed');
      say(`[FAILED] Failed to start ${this.#title}.`);
      this.onFailed();
      throw this.#jobError('start-limit-hit');
    }
    this.#starts.push(now);
  }

  #jobError(result: Result): JobError {
    return new JobError(
      `Job for ${this.name} failed because ${REASONS[result]}.\nSee "systemctl status ${this.name}" and "journalctl -xeu ${this.name}" for details.`,
    );
  }

  get #title(): string {
    return this.description === this.name ? this.name : `${this.name} - ${this.description}`;
  }

  #expand(text: string): string {
    return expandSpecifiers(text, this.name, this.#hostname);
  }

  #log(message: string): void {
    this.#journal.note(this.name, message);
  }

  #set(active: ActiveState, sub: string): void {
    this.active = active;
    this.sub = sub;
    this.since = Date.now();
  }
}
