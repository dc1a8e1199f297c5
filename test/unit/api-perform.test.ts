import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { openCloud } from '../../src/api/connection.ts';
import { isBakeError, isInterrupted, isUsageError, notConfirmed } from '../../src/api/errors.ts';
import { type Operation, perform } from '../../src/api/perform.ts';
import { planRollout } from '../../src/api/plan.ts';
import { chooserOf } from '../../src/api/rollout.ts';
import type { Project } from '../../src/config/schema.ts';
import { BakeError, usageError } from '../../src/run/errors.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { temporaryDirectory } from '../helpers/cli.ts';
import { testProject } from '../helpers/project.ts';

let project: Project;
let heard: RunEvent[];

beforeEach(() => {
  project = testProject({}, temporaryDirectory('api'));
  heard = [];
});

const on = (event: RunEvent) => void heard.push(event);
const types = () => heard.map(({ type }) => type);
const operation = <T>(work: Operation<T>['work'], journal = false): Operation<T> => ({
  command: 'try',
  journal,
  cloud: false,
  work,
});
const failure = async (promise: Promise<unknown>): Promise<unknown> => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
};

test('an operation returns its result, and its events tell the run from begin to end', async () => {
  const result = await perform(
    project,
    { on, run: 'the-run', onBegin: ({ command, run }) => void heard.push({ command, run } as never) },
    operation(async ({ run }) => {
      run.note('working');
      return { result: 42, headline: 'done', changed: ['a thing'] };
    }),
  );
  expect(result).toBe(42);
  expect(heard[0]).toEqual({ command: 'try', run: 'the-run' });
  expect(types().slice(1)).toEqual(['run.started', 'note', 'run.finished']);
  expect(heard.at(-1)).toMatchObject({ run: 'the-run', ok: true, headline: 'done', changed: ['a thing'] });
});

test('what makes something has a journal beside bake.yaml; what only looks leaves nothing', async () => {
  const look = operation(async () => ({ result: undefined, headline: 'seen' }));
  await perform(project, {}, look);
  expect(readdirSync(project.directory)).not.toContain('.bake');
  await perform(project, { run: 'the-run' }, { ...look, journal: true });
  const lines = readFileSync(join(project.directory, '.bake/runs/the-run.jsonl'), 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).entry)).toEqual(['begin', 'end']);
});

test('an operation throws what went wrong, after its last event has told it', async () => {
  const refused = await failure(
    perform(
      project,
      { on },
      operation(async () => Promise.reject(usageError('no group', 'Create it.'))),
    ),
  );
  expect(refused).toMatchObject({ message: 'no group', hint: 'Create it.', exitCode: 2 });
  expect([isBakeError(refused), isUsageError(refused), isInterrupted(refused)]).toEqual([true, true, false]);
  expect(heard.at(-1)).toMatchObject({
    type: 'run.finished',
    ok: false,
    error: { message: 'no group', exitCode: 2 },
  });
  const defect = await failure(
    perform(
      project,
      { on },
      operation(async () => Promise.reject(new TypeError('x'))),
    ),
  );
  expect(defect).toBeInstanceOf(TypeError);
  expect(isBakeError(defect)).toBe(false);
});

test('whatever comes out of an interrupted operation comes of the interruption', async () => {
  const signal = AbortSignal.abort();
  expect(
    isInterrupted(
      await failure(
        perform(
          project,
          { signal },
          operation(async () => never()),
        ),
      ),
    ),
  ).toBe(true);
  for (const thrown of [new Error('socket closed'), new BakeError('the release went back')]) {
    const controller = new AbortController();
    const work = operation<never>(async () => {
      controller.abort();
      throw thrown;
    });
    const error = await failure(perform(project, { on, signal: controller.signal }, work));
    expect(error).toMatchObject({ exitCode: 130 });
    expect(heard.at(-1)).toMatchObject({ error: { exitCode: 130 } });
  }
  expect(isInterrupted(notConfirmed())).toBe(true);
});

const never = (): never => {
  throw new Error('it was begun');
};

test('a listener that throws does not stop an operation half-way: it is told of it at the end', async () => {
  let finished = false;
  const broken = new Error('the log is full');
  const error = await failure(
    perform(
      project,
      {
        on: () => {
          throw broken;
        },
      },
      operation(async ({ run }) => {
        run.note('half-way');
        finished = true;
        return { result: 1, headline: 'done' };
      }),
    ),
  );
  expect(error).toBe(broken);
  expect(finished).toBe(true);
});

test('a cloud of another kind than the project’s is refused before anything is asked of it', async () => {
  const connection = await openCloud({
    ...project,
    config: { ...project.config, cloud: 'aws', region: 'eu-central-1' },
  });
  const other = { ...project, config: { ...project.config, cloud: 'alicloud' as const } };
  const error = await failure(planRollout(other, { cloud: connection, on }));
  connection.close();
  expect(error).toMatchObject({
    message: 'the project is on alicloud, but the cloud that was opened is aws',
    exitCode: 2,
  });
  expect(types()).toEqual(['run.finished']);
  const made = { kind: 'aws', region: 'x', local: false, close: () => {} } as const;
  expect(isUsageError(await failure(planRollout(project, { cloud: made })))).toBe(true);
});

test('where nobody can be asked, an interrupted rollout goes back; a choice or a function is taken as it is', () => {
  expect(chooserOf('ask')(Promise.resolve())).toBe('rollback');
  expect(chooserOf('leave')(Promise.resolve())).toBe('leave');
  const choose = () => 'cancel' as const;
  expect(chooserOf(choose)).toBe(choose);
});
