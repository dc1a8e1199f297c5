import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { styleFor } from '../../src/report/style.ts';
import { terminalReporter } from '../../src/report/terminal.ts';
import type { RunEvent, RunEventBody } from '../../src/run/events.ts';

/** A stream that says it is a terminal. */
const terminal = (colours: boolean): WriteStream =>
  Object.assign(new PassThrough(), {
    isTTY: true,
    columns: 100,
    rows: 40,
    hasColors: () => colours,
  }) as never;

async function screen(events: RunEventBody[]): Promise<{ text: string; drawn: string[] }> {
  const out = terminal(false);
  let written = '';
  out.on('data', (chunk) => {
    written += chunk;
  });
  const report = terminalReporter(out, out);
  for (const body of events) report.emit({ time: new Date().toISOString(), run: 'r1', ...body } as RunEvent);
  await report.close();
  const text = stripVTControlCharacters(written);
  return { text, drawn: text.split('\n').map((line) => line.trim()) };
}

test('a finished step stays with its summary, its live output goes, notes within it follow', async () => {
  const { text, drawn } = await screen([
    { type: 'step.started', step: 'app', title: 'Build layer application' },
    { type: 'step.progress', step: 'app', message: 'installing', percent: 50 },
    { type: 'step.output', step: 'app', source: 'application', line: 'Unpacking' },
    { type: 'note', message: 'builder i-1' },
    { type: 'step.started', step: 'verify', title: 'Verify' },
    { type: 'step.finished', step: 'verify', title: 'Verify', durationMs: 1_000 },
    {
      type: 'step.finished',
      step: 'app',
      title: 'Build layer application',
      summary: 'ami-2',
      durationMs: 12_000,
    },
    { type: 'step.skipped', step: 'copy', title: 'Copy', reason: 'one region' },
  ]);
  expect(drawn).toContain('✓ Build layer application  ami-2  (12 s)');
  expect(text.trimEnd().split('\n').slice(-4)).toEqual([
    '✓ Build layer application  ami-2  (12 s)',
    '  builder i-1',
    '  ✓ Verify  (1 s)',
    '- Copy  one region',
  ]);
});

test('a failed step keeps its title, and the end tells why', async () => {
  const { text } = await screen([
    { type: 'step.started', step: 'app', title: 'Build' },
    { type: 'step.failed', step: 'app', title: 'Build', message: 'exit code 3', durationMs: 10 },
    {
      type: 'run.finished',
      ok: false,
      durationMs: 20,
      headline: 'bake build failed after 20 ms',
      changed: [],
      next: [],
      error: { message: 'app.sh ended with 3', details: [], exitCode: 1 },
    },
  ]);
  expect(text).toMatch(
    /✗ Build {2}\(10 ms\)\n\n✗ bake build failed after 20 ms\n {2}app\.sh ended with 3\n$/,
  );
});

test('one step may follow another at once', async () => {
  const { drawn } = await screen(
    ['one', 'two', 'three'].flatMap((step): RunEventBody[] => [
      { type: 'step.started', step, title: step },
      { type: 'step.finished', step, title: step, durationMs: 5 },
    ]),
  );
  for (const step of ['one', 'two', 'three']) expect(drawn).toContain(`✓ ${step}  (5 ms)`);
});

test('colours are for terminals that want them', () => {
  expect(styleFor(terminal(true))('red', 'x')).toBe('\u001B[31mx\u001B[39m');
  expect(styleFor(terminal(false))('red', 'x')).toBe('x');
  expect(styleFor(new PassThrough())('red', 'x')).toBe('x');
});
