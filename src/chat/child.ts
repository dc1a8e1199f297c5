import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RunEvent } from '../run/events.ts';

export type Finished = RunEvent & { type: 'run.finished' };

/** How `bake` is called: a program and what stands before a command. */
export type Bake = readonly [program: string, ...flags: string[]];

/** What of its last words is kept of a run that ends without saying how. Lines. */
const LAST_WORDS = 20;

/**
 * Runs a command of bake as a process of its own, and hears its events. It leads its own process group and goes on when the bot ends:
 * a way back that has begun must not end with whoever asked for it. Slack's tokens stay here. Resolves with the run's last event, also
 * where the process has not come so far as to say one.
 */
export async function runBake(
  [program, ...flags]: Bake,
  words: readonly string[],
  directory: string,
  onEvent: (event: RunEvent) => void,
): Promise<Finished> {
  const begun = Date.now();
  const child = spawn(program, [...flags, '--json', ...words], {
    cwd: directory,
    env: { ...environmentOf(process.env), NO_COLOR: '1' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  let run = '-';
  let finished: Finished | undefined;
  const hear = (line: string) => {
    const event = eventIn(line);
    if (!event) return;
    run = event.run;
    if (event.type === 'run.finished') finished = event;
    onEvent(event);
  };
  const closed = [
    once(createInterface({ input: child.stdout }).on('line', hear), 'close'),
    once(
      createInterface({ input: child.stderr }).on('line', (line) => said.push(line)),
      'close',
    ),
  ];
  let how: string;
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    how = signal === null ? `exit code ${code}` : String(signal);
    await Promise.all(closed);
  } catch (error) {
    how = String(error);
  }
  if (finished) return finished;
  const lost: Finished = {
    ...{
      time: new Date().toISOString(),
      run,
      type: 'run.finished',
      ok: false,
      changed: [],
      next: ['bake status'],
    },
    durationMs: Date.now() - begun,
    headline: `bake ${words.join(' ')} ended without saying how it went (${how})`,
    error: {
      message: 'Look at what runs where before anything else.',
      details: said.slice(-LAST_WORDS),
      exitCode: 1,
    },
  };
  onEvent(lost);
  return lost;
}

const environmentOf = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SLACK_')));

function eventIn(line: string): RunEvent | undefined {
  try {
    return JSON.parse(line) as RunEvent;
  } catch {
    return undefined; // Not ours: a program that a hook started may have written to the same place.
  }
}
