import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { countsOf } from '../../src/report/html/fleet-counts.ts';
import { runPage } from '../../src/report/html/page.ts';
import { readStories } from '../../src/report/html/read-events.ts';
import { htmlReporter } from '../../src/report/html/reporter.ts';
import { Story } from '../../src/report/html/story.ts';
import type { RunEvent, RunEventBody, SeenInstance } from '../../src/run/events.ts';

const START = Date.UTC(2026, 10, 21, 3);
type At = [seconds: number, event: RunEventBody];

const events = (...told: At[]): RunEvent[] =>
  told.map(([seconds, body]) => ({
    time: new Date(START + seconds * 1_000).toISOString(),
    run: 'r1',
    ...body,
  }));

function story(...told: At[]): Story {
  const made = new Story('r1');
  for (const event of events(...told)) made.add(event);
  return made;
}

const STARTED: RunEventBody = {
  type: 'run.started',
  command: 'rollout',
  project: 'shop',
  environment: 'production',
  cloud: 'aws',
  region: 'eu-central-1',
};
const begun = (step: string, title = step): RunEventBody => ({ type: 'step.started', step, title });
const done = (step: string, summary?: string): RunEventBody => ({
  type: 'step.finished',
  step,
  title: step,
  summary,
  durationMs: 1,
});
const seen = (instances: SeenInstance[], gone: string[] = [], group = 'workers'): RunEventBody => ({
  type: 'fleet.seen',
  group,
  desired: 1,
  instances,
  gone,
});
const instance = (id: string, release: string, lifecycle = 'InService'): SeenInstance => ({
  id,
  version: Number(release),
  release,
  lifecycle,
  healthy: true,
});
const finished = (more: object = {}): RunEventBody => ({
  type: 'run.finished',
  ok: true,
  durationMs: 60_000,
  headline: 'release 2 runs on 1 instance',
  changed: ['workers: launch template version 1 → 2'],
  next: ['bake status'],
  ...more,
});

/** What a reader sees of a page, without its markup. */
const text = (page: string): string =>
  page
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

test('the page tells what, where, how it ended, what changed and what to type next', () => {
  const page = runPage(
    story(
      [0, STARTED],
      [1, begun('rollout.replace', 'Replacing the instances')],
      [2, { type: 'warning', message: 'one instance is protected' }],
      [55, done('rollout.replace', '1 instance replaced')],
      [60, finished()],
    ),
  );
  expect(text(page)).toMatch(
    /bake rollout shop \(production\) on aws eu-central-1 ✓ release 2 runs on 1 instance/,
  );
  expect(text(page)).toMatch(/What changed workers: launch template version 1 → 2/);
  expect(text(page)).toMatch(/Next bake status/);
  expect(text(page)).toMatch(/Replacing the instances 1 instance replaced 54 s/);
  expect(text(page)).toMatch(/1 warning 2 s one instance is protected/);
});

test('the page of a failure says why, with the evidence and what to do', () => {
  const error = { message: 'rolled back', hint: 'Look at it.', details: ['i-1: Traceback'], exitCode: 1 };
  const page = runPage(
    story([0, STARTED], [5, finished({ ok: false, headline: 'failed', error, next: [] })]),
  );
  expect(text(page)).toMatch(/✗ failed .* Why rolled back i-1: Traceback → Look at it\./);
});

test('nothing that a script or an instance says becomes markup, and the page asks for nothing from outside', () => {
  const evil = '<img onerror=alert(1)>&"\u001B[31m\u0000';
  const page = runPage(
    story(
      [0, STARTED],
      [1, begun('a', evil)],
      [2, { type: 'step.output', step: 'a', source: evil, line: evil }],
      [3, { type: 'note', message: evil }],
      [4, { type: 'fact', name: evil, value: { [evil]: evil } }],
      [5, seen([instance(evil, '1')])],
      [
        6,
        finished({
          headline: evil,
          changed: [evil],
          next: [evil],
          ok: false,
          error: { message: evil, hint: evil, details: [evil], exitCode: 1 },
        }),
      ],
    ),
  );
  expect(page).not.toContain('<img');
  expect(page).not.toMatch(/[^\P{Cc}\n]/u);
  expect(page).not.toMatch(/<script|<link|<[^>]*\b(src|href)=|url\(|@import/);
  expect(page).toContain("default-src 'none'");
});

test('a gate shows what each test found; a skipped step is no bar', () => {
  const check = { name: 'sqs', verdict: 'failed', summary: 'nobody answered', details: ['i-1 was asked'] };
  const page = runPage(
    story(
      [0, begun('rollout.gate.33', 'Testing at 33 %')],
      [1, { type: 'fact', name: 'smoke.sqs', value: check }],
      [
        2,
        { type: 'step.failed', step: 'rollout.gate.33', title: 'Testing', message: 'no', durationMs: 2_000 },
      ],
      [3, { type: 'step.skipped', step: 'copy', title: 'Copy', reason: 'one region' }],
    ),
  );
  expect(text(page)).toMatch(/Gates ✗ Testing at 33 % ✗ sqs failed: nobody answered i-1 was asked/);
  expect(text(page)).toMatch(/skipped: Copy one region/);
});

test('steps of parts stand beside each other, steps within a step under it', () => {
  const { steps } = story(
    [0, begun('images')],
    [1, begun('web/plan')],
    [1, begun('worker/plan')],
    [2, begun('web/layer')],
  );
  expect(steps.map(({ name, depth }) => [name, depth])).toEqual([
    ['images', 0],
    ['web/plan', 1],
    ['worker/plan', 1],
    ['web/layer', 2],
  ]);
});

test('an instance is a bar from where it was seen first to where it had gone, in the colour of its release', () => {
  const told = story(
    [0, seen([instance('i-1', '1')])],
    [10, seen([instance('i-2', '2', 'Pending')])],
    [20, seen([instance('i-2', '2')])],
    [30, seen([instance('i-1', '1', 'Terminating:Wait')])],
    [40, seen([], ['i-1'])],
    [50, finished()],
  );
  const [first, second] = told.fleet.lives;
  const at = (seconds: number) => START + seconds * 1_000;
  expect(first).toEqual({
    id: 'i-1',
    group: 'workers',
    what: 'release 1',
    stretches: [
      { phase: 'working', from: at(0), to: at(30) },
      { phase: 'leaving', from: at(30), to: at(40) },
    ],
  });
  expect(second!.stretches).toEqual([
    { phase: 'coming', from: at(10), to: at(20) },
    { phase: 'working', from: at(20) },
  ]);
  expect(countsOf(told.fleet, told.to)).toEqual({
    moments: [0, 20, 30].map(at),
    counts: [
      [1, 0],
      [1, 1],
      [0, 1],
    ],
  });
  expect(text(runPage(told))).toContain('at most 2 at once, in the end 0 of release 1, 1 of release 2');
});

test('a thousand instances, replaced over hours, with ten thousand lines of output, make a page below a megabyte in a moment', () => {
  const many = Array.from({ length: 1_000 }, (_, n) => n);
  const begin = performance.now();
  const told = new Story('r1');
  const add = (...at: At[]) => {
    for (const event of events(...at)) told.add(event);
  };
  add([0, STARTED], [1, begun('rollout.replace')]);
  add([1, seen(many.map((n) => instance(`i-old${n}`, '1')))]);
  for (const n of many) {
    add([n * 10, seen([instance(`i-new${n}`, '2', 'Pending')])]);
    add([n * 10 + 5, seen([instance(`i-new${n}`, '2')], [`i-old${n}`])]);
    for (let line = 0; line < 10; line++) {
      add([n * 10, { type: 'step.output', step: 'rollout.replace', source: 's', line: `line ${n} ${line}` }]);
      add([n * 10, { type: 'note', message: `note ${n} ${line}` }]);
    }
  }
  add([10_010, done('rollout.replace')], [10_011, finished()]);
  const page = runPage(told);
  expect(performance.now() - begin).toBeLessThan(5_000);
  expect(page.length).toBeLessThan(1_000_000);
  expect(page).toContain('All 2000 instances');
  expect(page).toContain('9800 lines before these');
  expect(page).toContain('8000 earlier ones are left out');
});

test('the page is there whenever an outermost step has ended, and tells the end once it has come', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'bake-page-')), 'runs/r1.html');
  const reporter = htmlReporter(file, 'r1', new PassThrough());
  const [start, begin, within, end, last] = events(
    [0, STARTED],
    [1, begun('a')],
    [2, begun('b')],
    [3, done('b')],
    [4, done('a')],
  );
  for (const event of [start, begin, within, end]) reporter.emit(event!);
  expect(() => readFileSync(file)).toThrow('ENOENT');
  reporter.emit(last!);
  expect(readFileSync(file, 'utf8')).toContain('had not ended when the page was written');
  reporter.emit(events([5, finished()])[0]!);
  await reporter.close();
  expect(readFileSync(file, 'utf8')).toContain('release 2 runs on 1 instance');
});

test('a page that cannot be written stops nothing, and says so once', async () => {
  const err = new PassThrough();
  const reporter = htmlReporter('/etc/hostname/place.html', 'r1', err);
  for (const event of events([0, begun('a')], [1, done('a')], [2, begun('b')], [3, done('b')]))
    reporter.emit(event);
  await reporter.close();
  expect(String(err.read()).match(/the report could not be written/g)).toHaveLength(1);
});

test('events are read back from a log: other lines are passed over, and so is one that was cut off', async () => {
  const lines = events([0, STARTED], [60, finished()]).map((event) => JSON.stringify(event));
  const input = [
    '##[group]bake',
    `2026-11-21T03:00:00Z ${lines[0]}`,
    '{"time":"x"}',
    lines[1],
    lines[1]!.slice(0, 40),
  ];
  const [only, ...others] = await readStories(Readable.from([input.join('\n')]));
  expect(others).toEqual([]);
  expect(only).toMatchObject({ run: 'r1', finished: { ok: true } });
});
