import type { Clock } from '../run/clock.ts';
import { BakeError } from '../run/errors.ts';
import { pauseTowards, poll } from '../run/poll.ts';
import type { PerformOptions, ScriptResult, ScriptTask } from './communicator.ts';
import { parseReport, type Report, type TaskReport, type Watch, watchScript } from './look.ts';
import { OutputLines } from './output.ts';
import { toResult } from './script-result.ts';
import { isFinal, type Transport } from './transport.ts';

/** How long one command waits on the machine for news. Seconds. */
const WATCH = 50;
/** How much later a command that has not answered is given up: its agent may have been restarted by the script. Milliseconds. */
const OVERDUE = 20_000;

/** The machine that a job runs on, as those who follow the job see it. */
export interface Machine {
  instanceId: string;
  transport: Transport;
  clock: Clock;
  /** Fails when the machine is gone. */
  check(): Promise<void>;
  /** What is behind an error: the machine's end, or the error itself. */
  causeOf(error: unknown): Promise<unknown>;
}

/** A job with what is known of it. */
class Followed {
  readonly results: ScriptResult[] = [];
  /** There is more output on the machine than an answer could hold. */
  isBehind = false;
  readonly #tasks: ScriptTask[];
  readonly #directory: string;
  readonly #outputs: OutputLines[];
  #begun = 0;

  constructor(directory: string, tasks: ScriptTask[]) {
    this.#directory = directory;
    this.#tasks = tasks;
    this.#outputs = tasks.map(({ onLine }) => new OutputLines(onLine));
  }

  get known() {
    return { task: this.results.length + 1, bytes: this.#outputs[this.results.length]?.offset ?? 0 };
  }

  get name(): string {
    return this.#tasks[Math.min(this.results.length, this.#tasks.length - 1)]!.name;
  }

  get hasBegun(): boolean {
    return this.#begun > 0;
  }

  get tail(): string[] {
    return this.#outputs[this.results.length]?.tail ?? [];
  }

  get isOver(): boolean {
    const last = this.results.at(-1);
    return this.results.length === this.#tasks.length || (last !== undefined && last.exitCode !== 0);
  }

  /** Takes what a look has shown; true when there was new output, or a task has ended. */
  take({ tasks }: Report): boolean {
    let news = false;
    this.isBehind = false;
    for (const seen of tasks) {
      const index = seen.task - 1;
      if (index !== this.results.length) continue;
      const { script, onStart } = this.#tasks[index]!;
      const output = this.#outputs[index]!;
      if (index >= this.#begun) {
        this.#begun = seen.task;
        onStart?.();
      }
      if (output.push(seen.data, seen.from) > 0) news = true;
      this.isBehind = output.offset < seen.bytes;
      if (!hasEnded(seen) || this.isBehind) break;
      output.end();
      news = true;
      this.results.push(toResult(seen, output.tail, script, `${this.#directory}/${seen.task}/`));
    }
    return news;
  }
}

const hasEnded = (task: TaskReport): task is TaskReport & { end: NonNullable<TaskReport['end']> } =>
  task.end !== undefined;

/**
 * Starts a job and follows it to its end. A command waits on the machine until there is something to tell; while it does, it is asked for
 * at lengthening intervals, or around the time that the job took before.
 */
export async function followJob(
  machine: Machine,
  job: { directory: string; tasks: ScriptTask[]; start: (watch: Watch) => string },
  { signal, expected, quiet = false }: PerformOptions,
): Promise<ScriptResult[]> {
  const { transport, clock } = machine;
  const { asking } = transport;
  const followed = new Followed(job.directory, job.tasks);
  const begun = clock.now();
  let news = asking.news;
  let talks = false;
  let unanswered = 0;
  let pause = 0;
  let command = await send((watch) => job.start(watch));

  async function send(script: (watch: Watch) => string) {
    const wait = followed.isBehind ? 0 : quiet ? WATCH : news / 1_000;
    const text = script({ news: wait, most: WATCH });
    const options = { timeout: WATCH * 1_000 + OVERDUE, name: followed.name };
    try {
      return { id: await transport.send(text, options), until: clock.now() + WATCH * 1_000 };
    } catch (error) {
      throw await machine.causeOf(error);
    }
  }

  /** When to ask for the present command: around the time that the job took before, or at lengthening intervals. */
  function next(isNew: boolean): number {
    const elapsed = clock.now() - begun;
    if (followed.isBehind) return asking.first;
    if (isNew) pause = Math.max(asking.first, elapsed / 4);
    const half = expected !== undefined && elapsed < expected * 0.4 ? expected / 2 - elapsed : 0;
    const aimed = half || (expected ? pauseTowards(expected, elapsed, asking.longest) : 0);
    let wait = Math.max(aimed, asking.first / 2);
    if (!aimed) {
      wait = pause;
      pause *= 1.6;
    }
    // It answers about then in any case; the machine's seconds are a little longer than ours.
    const left = command.until + 500 - clock.now();
    return Math.min(wait, talks ? news : asking.longest, left > 0 ? left : asking.first * 2);
  }

  const look = async () => {
    const result = await transport.result(command.id);
    if (!isFinal(result)) {
      if (clock.now() < command.until + OVERDUE) {
        return { done: false, state: result.state, after: next(false) } as const;
      }
      await machine.check();
    } else {
      const report = parseReport(result.stdout);
      if (report) {
        unanswered = 0;
        talks = followed.take(report);
        if (followed.isOver) return { done: true, value: followed.results } as const;
        await mustBeThere(report, result.stderr);
        if (talks && !followed.isBehind) news = Math.min(asking.newsLater, news * 1.5);
      } else {
        await machine.check();
        if (++unanswered > 1) {
          const words = `instance ${machine.instanceId} did not answer (${result.state}) ${result.stderr.trim()}`;
          throw await machine.causeOf(new BakeError(words.trim()));
        }
      }
    }
    command = await send((watch) => watchScript(job.directory, followed.known, watch));
    return { done: false, state: 'running', after: next(true) } as const;
  };

  /** Fails for a job that cannot go on. */
  async function mustBeThere({ state }: Report, stderr: string): Promise<void> {
    const { name, hasBegun, tail, isBehind } = followed;
    // One that is over has something to say that was not known yet.
    if (state === 'running' || (state === 'ended' && (talks || isBehind))) return;
    const gone = `instance ${machine.instanceId} was restarted under ${name}`;
    const ended = 'the script was ended from outside before it could finish';
    const error = !hasBegun
      ? new BakeError(`${name} could not be started on ${machine.instanceId}`, {
          details: stderr.trim().split('\n').filter(Boolean),
        })
      : new BakeError(state === 'none' ? gone : ended, { details: tail });
    throw await machine.causeOf(error);
  }

  const timeout = job.tasks.reduce((sum, task) => sum + task.timeout, 120_000);
  const what = `${followed.name} on ${machine.instanceId} to end`;
  const delay = next(true);
  return await poll(look, { what, timeout, clock, signal, interval: { delay } });
}
