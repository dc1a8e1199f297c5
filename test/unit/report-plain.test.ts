import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ndjsonReporter } from '../../src/report/ndjson.ts';
import { plainReporter } from '../../src/report/plain.ts';
import type { RunEvent, RunEventBody } from '../../src/run/events.ts';

beforeEach(() => void vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) }));
afterEach(() => void vi.useRealTimers());

function reporter() {
  const out = new PassThrough();
  const err = new PassThrough();
  const report = plainReporter(out, err);
  const emit = (body: RunEventBody) =>
    report.emit({ time: new Date().toISOString(), run: 'r1', ...body } as RunEvent);
  const read = (stream: PassThrough) => String(stream.read() ?? '');
  return { emit, said: () => read(out), complained: () => read(err), close: report.close };
}

const STARTED: RunEventBody = {
  type: 'run.started',
  command: 'build',
  project: 'shop',
  environment: 'production',
  cloud: 'aws',
  region: 'eu-central-1',
};
const stepStarted = (step: string, title: string): RunEventBody => ({ type: 'step.started', step, title });
const stepFinished = (step: string, title: string, summary: string, durationMs: number): RunEventBody => ({
  type: 'step.finished',
  step,
  title,
  summary,
  durationMs,
});

test('a run reads like a story, without colours where no terminal is', () => {
  const { emit, said, complained } = reporter();
  emit(STARTED);
  emit(stepStarted('plan', 'Plan layers'));
  emit(stepFinished('plan', 'Plan layers', '2 of 3 reused', 120));
  emit({ type: 'step.skipped', step: 'base', title: 'Build layer base', reason: 'ami-1 has it' });
  emit(stepStarted('app', 'Build layer application'));
  emit({ type: 'step.progress', step: 'app', message: 'launching the builder' });
  emit({
    type: 'step.output',
    step: 'app',
    source: 'application',
    line: '\u001B[32mInstalling\u001B[0m worker',
  });
  emit({ type: 'note', message: 'builder i-1' });
  emit({ type: 'warning', message: 'capacity is short in eu-central-1a' });
  emit({
    type: 'step.progress',
    step: 'app',
    message: 'making the image',
    percent: 40.4,
    remainingMs: 90_000,
  });
  emit({ type: 'fact', name: 'image', value: 'ami-2' });
  emit(stepFinished('app', 'Build layer application', 'ami-2', 12_300));
  emit({
    type: 'run.finished',
    ok: true,
    durationMs: 13_000,
    headline: 'Baked release v2 in 13 s',
    changed: ['image ami-2'],
    next: ['bake rollout'],
  });
  expect(said()).toBe(
    `bake build shop (production) on aws eu-central-1 run r1
✓ Plan layers  2 of 3 reused  (120 ms)
- Build layer base  ami-1 has it
▸ Build layer application
  launching the builder
  application │ Installing worker
  builder i-1
  ! capacity is short in eu-central-1a
  40 % · making the image, about 1 m 30 s left
✓ Build layer application  ami-2  (12 s)

✓ Baked release v2 in 13 s
  image ami-2

Next:
  bake rollout
`,
  );
  expect(complained()).toBe('');
});

test('a step within a step is indented under it', () => {
  const { emit, said } = reporter();
  emit(stepStarted('rollout', 'Roll out'));
  emit(stepStarted('smoke', 'Smoke tests'));
  emit(stepFinished('smoke', 'Smoke tests', 'passed', 2_000));
  emit(stepFinished('rollout', 'Roll out', '3 instances', 60_000));
  expect(said()).toBe('▸ Roll out\n  ✓ Smoke tests  passed  (2 s)\n✓ Roll out  3 instances  (1 m)\n');
});

test('a failure says where, why, what to read and what to do, on stderr at the end', () => {
  const { emit, said, complained } = reporter();
  emit(stepStarted('app', 'Build layer application'));
  emit({
    type: 'step.failed',
    step: 'app',
    title: 'Build layer application',
    message: 'exit code 3',
    durationMs: 900,
  });
  emit({
    type: 'run.finished',
    ok: false,
    durationMs: 1_000,
    headline: 'bake build failed after 1 s',
    changed: [],
    next: [],
    error: {
      message: 'app.sh ended with 3',
      hint: 'Read its output.',
      details: ['line 7: boom'],
      exitCode: 1,
    },
  });
  expect(said()).toBe('✗ Build layer application  (900 ms)\n');
  expect(complained()).toBe(
    '\n✗ bake build failed after 1 s\n  app.sh ended with 3\n  line 7: boom\n  → Read its output.\n',
  );
});

test('a step that runs is announced after a second and heard of every 30 seconds of silence, not more often', () => {
  const { emit, said } = reporter();
  emit(stepStarted('wait', 'Wait for instances'));
  vi.advanceTimersByTime(999);
  expect(said()).toBe('');
  vi.advanceTimersByTime(1);
  expect(said()).toBe('▸ Wait for instances\n');
  vi.advanceTimersByTime(30_000);
  expect(said()).toBe('  … Wait for instances (31 s so far)\n');
  emit({ type: 'step.progress', step: 'wait', message: '2 of 3 in service', remainingMs: 60_000 });
  expect(said()).toBe('  2 of 3 in service, about 1 m left\n');
  vi.advanceTimersByTime(29_999);
  expect(said()).toBe('');
  vi.advanceTimersByTime(30_001);
  expect(said()).toBe(
    '  … 2 of 3 in service, about 1 m left (1 m 1 s so far)\n  … 2 of 3 in service, about 1 m left (1 m 31 s so far)\n',
  );
  emit(stepFinished('wait', 'Wait for instances', '3 in service', 95_000));
  expect(said()).toBe('✓ Wait for instances  3 in service  (1 m 35 s)\n');
  vi.advanceTimersByTime(120_000);
  expect(said()).toBe('');
});

test('progress in which only numbers change is told every ten seconds, news at once, and the latest is not kept back', () => {
  const { emit, said } = reporter();
  const progress = (message: string) => emit({ type: 'step.progress', step: 'wait', message });
  emit(stepStarted('wait', 'Replace'));
  progress('3 to go, for example i-0a1');
  expect(said()).toBe('▸ Replace\n  3 to go, for example i-0a1\n');
  progress('2 to go, for example i-0b2');
  vi.advanceTimersByTime(9_999);
  progress('1 to go, for example i-0c3');
  expect(said()).toBe('');
  vi.advanceTimersByTime(1);
  expect(said()).toBe('  1 to go, for example i-0c3\n');
  progress('soaking');
  expect(said()).toBe('  soaking\n');
});

test('events that are for machines break no silence', () => {
  const { emit, said } = reporter();
  emit(stepStarted('wait', 'Replace'));
  vi.advanceTimersByTime(1_000);
  said();
  for (let at = 0; at < 3; at++) {
    vi.advanceTimersByTime(10_000);
    emit({ type: 'fact', name: 'x', value: at });
    emit({ type: 'fleet.seen', group: 'workers', desired: 1, instances: [], gone: [] });
  }
  expect(said()).toBe('  … Replace (31 s so far)\n');
});

test('parts that go on beside each other have a line for each step that ends, and one for all in silence', () => {
  const { emit, said } = reporter();
  emit(stepStarted('images', 'Build 2 images'));
  emit(stepStarted('web/plan', 'web: Plan'));
  emit({ type: 'step.progress', step: 'images', message: 'web: Plan · worker: Plan' });
  emit(stepStarted('worker/plan', 'worker: Plan'));
  emit(stepFinished('web/plan', 'web: Plan', '2 layers', 500));
  emit({ type: 'warning', message: 'web: capacity is short' });
  emit(stepStarted('web/layer', 'web: Layer'));
  emit({ type: 'step.progress', step: 'images', message: 'web: Layer · worker: Plan' });
  expect(said()).toBe('▸ Build 2 images\n  ✓ web: Plan  2 layers  (500 ms)\n  ! web: capacity is short\n');
  vi.advanceTimersByTime(31_000);
  expect(said()).toBe('  … web: Layer · worker: Plan (30 s so far)\n');
  emit({ type: 'step.output', step: 'web/layer', source: 'web application', line: 'Unpacking' });
  emit(stepFinished('web/layer', 'web: Layer', 'built', 31_000));
  emit(stepFinished('worker/plan', 'worker: Plan', '1 layer', 31_000));
  emit(stepFinished('images', 'Build 2 images', 'all', 31_000));
  expect(said()).toBe(`  ▸ web: Layer
    web application │ Unpacking
  ✓ web: Layer  built  (31 s)
  ✓ worker: Plan  1 layer  (31 s)
✓ Build 2 images  all  (31 s)
`);
});

test('the page of the run is named at the end', () => {
  const { emit, said } = reporter();
  emit({
    type: 'run.finished',
    ok: true,
    durationMs: 1,
    headline: 'done',
    changed: [],
    next: [],
    report: '.bake/runs/r1.html',
  });
  expect(said()).toBe('\n✓ done\n\nReport: .bake/runs/r1.html\n');
});

test('with JSON every event is a line, as it was emitted', () => {
  const out = new PassThrough();
  const event = { time: '2026-01-01T00:00:00.000Z', run: 'r1', type: 'note', message: 'ä\nb' } as const;
  const report = ndjsonReporter(out);
  report.emit(event);
  report.emit(event);
  const lines = String(out.read()).split('\n');
  expect(lines).toHaveLength(3);
  expect(JSON.parse(lines[1] as string)).toEqual(event);
});
