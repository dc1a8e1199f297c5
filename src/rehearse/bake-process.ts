import { type ProgramEnd, runProgram } from '../hooks/program.ts';
import { Interrupted } from '../run/errors.ts';
import type { RunEvent } from '../run/events.ts';

/** How a command of bake ended that was run as a program, as a user runs it. */
export interface CommandEnd {
  /** Undefined when it was killed. */
  code: number | undefined;
  events: RunEvent[];
  /** By name, the last of each. */
  facts: Map<string, unknown>;
  headline: string;
  error?: { message: string; hint?: string; details: readonly string[] };
  /** What it wrote that is no event. */
  rest: string[];
  durationMs: number;
}

export interface CallOptions {
  onEvent?: (event: RunEvent) => void;
  /** Ends it at once, as the kernel or a power cut would (SIGKILL). */
  kill?: AbortSignal;
  /** It is run to its end although the rehearsal is being interrupted. */
  always?: boolean;
}

/** Nothing that is rehearsed takes longer. Milliseconds. */
const LONGEST = 20 * 60_000;

/** Runs bake itself as a program in one directory, on its local cloud, with `--json`. */
export class BakeProcess {
  readonly #directory: string;
  readonly #program: [string, ...string[]];
  readonly #environment: Record<string, string | undefined>;
  readonly #flags: string[];
  readonly #signal: AbortSignal;

  constructor(options: {
    directory: string;
    /** The program and its first arguments. */
    program: [string, ...string[]];
    /** `undefined` unsets a variable of this process. */
    environment: Record<string, string | undefined>;
    /** Such as `-e production`. */
    flags: string[];
    signal: AbortSignal;
  }) {
    this.#directory = options.directory;
    this.#program = options.program;
    this.#environment = options.environment;
    this.#flags = options.flags;
    this.#signal = options.signal;
  }

  /** Throws `Interrupted` when the rehearsal is interrupted. */
  async call(args: string[], { onEvent, kill, always = false }: CallOptions = {}): Promise<CommandEnd> {
    const events: RunEvent[] = [];
    const rest: string[] = [];
    const startedAt = Date.now();
    const end: ProgramEnd = await runProgram([...this.#program, ...this.#flags, ...args, '--json'], {
      directory: this.#directory,
      environment: this.#environment,
      timeout: LONGEST,
      signal: always ? undefined : this.#signal,
      kill,
      onLine(line) {
        const event = eventIn(line);
        if (!event) rest.push(line);
        else {
          events.push(event);
          onEvent?.(event);
        }
      },
    });
    if (end.how === 'interrupted') throw new Interrupted();
    const finished = events.findLast((event) => event.type === 'run.finished');
    const facts = events.flatMap((event) =>
      event.type === 'fact' ? [[event.name, event.value] as const] : [],
    );
    return {
      code: end.how === 'exited' ? end.code : undefined,
      events,
      facts: new Map(facts),
      headline: finished?.headline ?? (end.how === 'killed' ? 'was killed' : rest.join(' ')),
      error: finished?.error,
      rest,
      durationMs: Date.now() - startedAt,
    };
  }
}

function eventIn(line: string): RunEvent | undefined {
  if (!line.startsWith('{"time":')) return undefined;
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined; // Half a line of a process that was killed.
  }
}
