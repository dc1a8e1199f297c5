import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSlackReporter } from '../../src/report/slack/open.ts';
import { slackReporter } from '../../src/report/slack/reporter.ts';
import { teamReporters } from '../../src/report/team.ts';
import type { BakeError } from '../../src/run/errors.ts';
import type { RunEvent, RunEventBody } from '../../src/run/events.ts';
import { openSlack } from '../../src/slack/post.ts';
import { failure } from '../helpers/failure.ts';
import { testProject } from '../helpers/project.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';
import { type SlackWorkspace, startSlack } from '../helpers/slack-server.ts';

let workspace: SlackWorkspace;
let warnings: string[];

beforeEach(async () => {
  workspace = await startSlack();
  warnings = [];
});
afterEach(() => workspace.close());

const begin = {
  command: 'rollout',
  project: 'shop',
  environment: 'production',
  cloud: 'aws',
  region: 'eu-central-1',
};
const telling = {
  ...{ begin, who: { words: 'by ann', link: 'https://ci/1' }, pace: 0 },
  warn: (warning: string) => void warnings.push(warning),
};
const bot = () => openSlack({ botToken: workspace.tokens.bot, channel: '#deploys', apiUrl: workspace.url });
const event = (body: RunEventBody): RunEvent => ({ time: '2026-11-21T10:00:00.000Z', run: 'run-1', ...body });
const started = event({ type: 'run.started', ...begin });
const finished = (more: Partial<RunEventBody & { type: 'run.finished' }>) =>
  event({ type: 'run.finished', ok: true, durationMs: 1, headline: 'done', changed: [], next: [], ...more });
const inChannel = () => workspace.messages.filter(({ thread }) => thread === undefined);
const shown = (blocks: unknown) => JSON.stringify(blocks);

/** What a rollout whose smoke test fails says, from a real one in virtual time. */
async function failedRollout(): Promise<{ events: RunEvent[]; error: BakeError }> {
  const world = await RolloutWorld.start();
  try {
    const sqs = {
      queue: 'jobs',
      message: 'job ${smoke.id}',
      logGroup: world.workers.logGroup,
      timeout: '30s',
    };
    const project = world.project({ rollout: { checkpoints: [33, 100] }, smoke: { sqs } });
    await world.addRelease(project, '1');
    await world.apply(project);
    await world.addRelease(project, '2');
    world.workers.behaviours.set('2', 'deaf');
    world.events.length = 0;
    return { error: await failure(world.rollOut(project)), events: world.events };
  } finally {
    await world.close();
  }
}

test('a rollout that goes back is one message that changes; its thread has the details; its failure is said to everybody', async () => {
  const { events, error } = await failedRollout();
  const reporter = slackReporter(await bot(), telling);
  reporter.emit(started);
  const first = await workspace.said(({ text }) => text.includes('rollout of shop, production: begins'));
  for (const one of events) {
    reporter.emit(one);
    if (one.type === 'step.progress' && one.percent === 33)
      await workspace.said(({ blocks }) => shown(blocks).includes('▓▓▓░░░░░░░ 33 %'));
    if (one.type === 'step.started' && one.step === 'rollout.rollback')
      await workspace.said(({ text }) => text.includes(':leftwards_arrow_with_hook:'));
  }
  const { message, hint, details, exitCode } = error;
  const headline = 'bake rollout failed after 2 m';
  reporter.emit(finished({ ok: false, headline, error: { message, hint, details, exitCode } }));
  await reporter.close();

  expect(warnings).toEqual([]);
  expect(workspace.refused).toEqual([]);
  expect(inChannel()).toHaveLength(1);
  const end = shown(first.blocks);
  expect(first.text).toBe(':x: rollout of shop, production: bake rollout failed after 2 m');
  expect(end).toContain('was rolled back: the smoke test at 33 %');
  expect(end).toContain('The fleet is back on release 1');
  expect(end).toContain('by ann · run run-1 · <https://ci/1|job>');
  const [steps, evidence, notice] = workspace.messages.filter(({ thread }) => thread === first.ts);
  expect(shown(steps!.blocks)).toMatch(/✗ Testing the new instances at 33 %.*Rolling back to release 1/);
  expect(shown(evidence!.blocks)).toContain('What is worth reading');
  expect(notice).toMatchObject({ broadcast: true, text: expect.stringContaining('was rolled back') });
});

test('a webhook says that a run began, that it goes back, and how it ended', async () => {
  const reporter = slackReporter(await openSlack({ webhook: workspace.webhookUrl }), telling);
  reporter.emit(started);
  for (const step of ['rollout.preflight', 'rollout.replace', 'rollout.rollback'])
    reporter.emit(event({ type: 'step.started', step, title: `Doing ${step}` }));
  reporter.emit(finished({ ok: false, headline: 'failed' }));
  await reporter.close();
  expect(workspace.messages.map(({ text }) => text.split(' ')[0])).toEqual([
    ':hourglass_flowing_sand:',
    ':leftwards_arrow_with_hook:',
    ':x:',
  ]);
});

test('a run that went well says what changed and what to type next, and disturbs nobody', async () => {
  const reporter = slackReporter(await bot(), telling);
  reporter.emit(started);
  reporter.emit(
    event({ type: 'step.finished', step: 'a', title: 'Replacing', summary: '3 of 3', durationMs: 900 }),
  );
  reporter.emit(
    finished({
      changed: ['workers: version 1 → 2'],
      next: ['bake status', 'bake rollback    # takes it back'],
    }),
  );
  await reporter.close();
  const [message, steps, ...rest] = workspace.messages;
  expect(shown(message!.blocks)).toContain(
    ':white_check_mark: *done*\\nworkers: version 1 → 2\\n`bake status`\\n`bake rollback` takes it back',
  );
  expect(shown(steps!.blocks)).toContain('✓ Replacing  3 of 3  (900 ms)');
  expect(rest).toEqual([]);
});

test('nothing that a run says calls people or makes links', async () => {
  const reporter = slackReporter(await bot(), telling);
  reporter.emit(started);
  const message = `<!channel> <https://evil|click> & ${'x'.repeat(5_000)}`;
  reporter.emit(finished({ ok: false, error: { message, details: [message.repeat(3)], exitCode: 1 } }));
  await reporter.close();
  expect(workspace.refused).toEqual([]);
  const all = shown(workspace.messages);
  expect(all).toContain('&lt;!channel&gt; &lt;https://evil|click&gt; &amp; xxx');
  expect(all).not.toContain('<!channel>');
});

test('a channel that the bot may not write to is one warning at the end', async () => {
  workspace.channels.clear();
  const reporter = slackReporter(await bot(), telling);
  reporter.emit(started);
  for (const step of ['a', 'b', 'c']) reporter.emit(event({ type: 'step.started', step, title: step }));
  await vi.waitFor(() => expect(workspace.refused).toHaveLength(1));
  reporter.emit(finished({}));
  await reporter.close();
  expect(warnings).toEqual([
    expect.stringContaining('Slack was not told: Slack refused the message to #deploys: channel_not_found. '),
  ]);
  expect(workspace.requests.filter(({ method }) => method === 'chat.postMessage')).toHaveLength(2);
});

test('only what bake.yaml wants told is told, and of the local cloud nothing unless it says so', async () => {
  Object.assign(process.env, workspace.environment);
  try {
    const slack = { channel: '#deploys' };
    const warn = () => {};
    const { notify } = testProject({ notify: { slack } }).config;
    expect(await openSlackReporter(notify, begin, warn)).toBeDefined();
    expect(await openSlackReporter(notify, { ...begin, command: 'build' }, warn)).toBeUndefined();
    expect(await openSlackReporter(testProject().config.notify, begin, warn)).toBeUndefined();
    const local = { ...begin, cloud: 'local' };
    expect(await teamReporters(testProject({ notify: { slack } }), local, 'run-1')).toEqual([]);
    expect(await teamReporters(testProject({ notify: { slack, local: true } }), local, 'run-1')).toHaveLength(
      1,
    );
  } finally {
    for (const name of Object.keys(workspace.environment)) delete process.env[name];
  }
});
