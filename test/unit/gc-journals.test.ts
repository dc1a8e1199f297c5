import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../src/run/clock.ts';
import { poll } from '../../src/run/poll.ts';
import { hasCrashed } from '../../src/upkeep/gc-journals.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-journals-'));
  mkdirSync(join(directory, '.bake', 'runs'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const journal = (text: string) => writeFileSync(join(directory, '.bake', 'runs', 'run.jsonl'), text);
const begin = (pid: number, host = hostname()) => `${JSON.stringify({ entry: 'begin', pid, host })}\n`;
const crashed = () => hasCrashed(directory, 'run');
/** Above the highest process id that there is. */
const GONE = 2 ** 22 + 1;

it('a run has crashed when its journal has no end and its process is gone', () => {
  journal(begin(GONE));
  expect(crashed()).toBe(true);
  journal(`${begin(GONE)}{"entry":"int`);
  expect(crashed()).toBe(true);
  journal(begin(process.pid));
  expect(crashed()).toBe(false);
  journal(`${begin(GONE)}{"entry":"end","ok":false}\n`);
  expect(crashed()).toBe(false);
});

it('of a run on another machine, or without a journal, nothing is known', () => {
  expect(crashed()).toBe(false);
  journal(begin(GONE, 'elsewhere'));
  expect(crashed()).toBe(false);
  journal('{"entry":"begin"}\n');
  expect(crashed()).toBe(false);
});

it.skipIf(process.platform !== 'linux')(
  'a process that its parent has not buried is gone all the same',
  async () => {
    // The shell becomes `sleep`, which never asks after the shell's child: one that ends later than that is buried by nobody.
    const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(line);
    const look = async () =>
      readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
        ? ({ done: true, value: undefined } as const)
        : ({ done: false, state: 'running' } as const);
    await poll(look, {
      what: 'the child to end',
      timeout: 5_000,
      clock: systemClock,
      interval: { first: 5 },
    });
    journal(begin(pid));
    expect(crashed()).toBe(true);
    parent.kill();
  },
);
