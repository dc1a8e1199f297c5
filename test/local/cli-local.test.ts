import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const dist = (file: string) => fileURLToPath(new URL(`../../dist/${file}`, import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-local-'));
});
afterEach(async () => {
  await bake('local', 'stop');
  rmSync(directory, { recursive: true, force: true });
});

const node = (...parameters: string[]) =>
  spawn(process.execPath, parameters, { cwd: directory, env: { PATH: process.env.PATH } });

async function ending(child: ChildProcess) {
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
  return { out, err, code };
}
const bake = (...parameters: string[]) => ending(node(dist('cli.js'), ...parameters));
const startWithoutProcesses = async () =>
  JSON.parse((await bake('local', 'start', '--runtime', 'none', '--json')).out);

describe('bake local', () => {
  test('start prints what a client needs, as text or JSON; env prints it for eval', async () => {
    const info = await startWithoutProcesses();
    expect(Object.keys(info)).toEqual([
      'endpoint',
      'region',
      'accessKeyId',
      'secretAccessKey',
      'runtime',
      'pid',
    ]);
    const again = await bake('local', 'start');
    expect(again.out).toContain(`endpoint           ${info.endpoint}\n`);
    expect(again.out).toContain(`secret access key  ${info.secretAccessKey}\n`);

    const { out } = await bake('local', 'env');
    const script = `${out}\nnode -p 'JSON.stringify(process.env)'`;
    const before = { PATH: process.env.PATH, AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'old' };
    const shell = JSON.parse(execFileSync('sh', ['-c', script], { env: before, encoding: 'utf8' }));
    expect(shell).toMatchObject({
      AWS_ENDPOINT_URL: info.endpoint,
      AWS_REGION: info.region,
      AWS_DEFAULT_REGION: info.region,
      AWS_ACCESS_KEY_ID: info.accessKeyId,
      AWS_SECRET_ACCESS_KEY: info.secretAccessKey,
    });
    expect(shell).not.toHaveProperty('AWS_PROFILE');
    expect(shell).not.toHaveProperty('AWS_SESSION_TOKEN');
  });

  test('start with other options than those it runs with is refused, and says which they are and what to do', async () => {
    await startWithoutProcesses();
    const { err, code } = await bake('local', 'start', '--speed', '60');
    expect(code).toBe(2);
    expect(err).toBe(
      '✗ the local cloud runs already, with --runtime none\n' +
        '  → Stop it first (bake local stop; its state stays), then start it with the others.\n',
    );
  });

  test.each([
    [['--speed', '0'], '--speed: expected a number above 0, such as 60'],
    [['--seed', 'x'], '--seed: expected a whole number'],
    [['--runtime', 'docker'], '--runtime: expected sandbox or none, got "docker"'],
    [['--latency', 'none.json'], '--latency: none.json does not exist'],
  ])('start refuses %j', async (flags, words) => {
    const { err, code } = await bake('local', 'start', ...flags);
    expect({ err, code }).toEqual({ err: `✗ ${words}\n`, code: 2 });
    expect(existsSync(join(directory, '.bake'))).toBe(false);
  });

  test('status, logs, stop and reset tell what is', async () => {
    expect((await bake('local', 'status')).out).toContain('the local cloud does not run');
    expect((await bake('local', 'logs')).code).toBe(2);
    const { pid, endpoint } = await startWithoutProcesses();
    const { out } = await bake('local', 'status');
    expect(out).toContain(`the local cloud runs: ${endpoint}, eu-central-1\n`);
    expect(out).toContain(`process    ${pid}, up `);
    expect(out).toContain('runs them  no processes (state machines only), with --runtime none');
    expect(JSON.parse((await bake('local', 'status', '--json')).out)).toMatchObject({
      running: true,
      pid,
      instances: {},
    });
    expect((await bake('local', 'logs')).out).toContain(`${endpoint}, process ${pid}`);
    expect((await bake('local', 'logs', 'i-0123456789abcdef0')).err).toBe(
      '✗ no instance i-0123456789abcdef0\n',
    );
    expect((await bake('local', 'stop')).out).toBe(`stopped the local cloud (process ${pid})\n`);
    expect((await bake('local', 'stop')).out).toBe('the local cloud did not run\n');
    expect((await bake('local', 'reset')).out).toBe('removed the local cloud and everything in it\n');
  });

  test('logs --follow goes on as lines come, and ends with Ctrl-C', async () => {
    const { pid } = await startWithoutProcesses();
    const child = node(dist('cli.js'), 'local', 'logs', '--follow');
    const ended = ending(child);
    await new Promise((resolve) => child.stdout!.once('data', resolve));
    process.kill(pid, 'SIGTERM');
    await new Promise<void>((resolve) =>
      child.stdout!.on('data', (chunk) => String(chunk).includes('ended') && resolve()),
    );
    child.kill('SIGINT');
    expect(await ended).toMatchObject({
      code: 0,
      out: expect.stringMatching(/process \d+[\s\S]*ending: SIGTERM/),
    });
  });

  test('lies beside bake.yaml, wherever below it bake is run', async () => {
    writeFileSync(join(directory, 'bake.yaml'), 'project: shop\n');
    mkdirSync(join(directory, 'deep'));
    const { out } = await bake(
      '-C',
      join(directory, 'deep'),
      'local',
      'start',
      '--runtime',
      'none',
      '--json',
    );
    expect(JSON.parse(out).pid).toBe((await startWithoutProcesses()).pid);
    expect(existsSync(join(directory, '.bake/local/daemon.json'))).toBe(true);
  });
});

describe('a run', () => {
  const PROJECT = `project: shop
image:
  base: { id: ami-1 }
  layers: [{ name: application, provisioners: [{ inline: "true" }] }]
`;

  /** A command of our own that does its work in a session, as the real ones do. */
  const session = (work: string, options = '{ local: true }') =>
    node(
      '--input-type=module',
      '-e',
      `const { runCommand } = await import(${JSON.stringify(dist('commands/session.js'))});
       process.exitCode = await runCommand('wait', ${options}, async ({ run, cloud }) => { ${work} });`,
    );
  const untilSaid = (child: ChildProcess, words: string) =>
    new Promise<void>((resolve) => {
      let said = '';
      for (const stream of [child.stdout!, child.stderr!])
        stream.on('data', (chunk) => {
          said += chunk;
          if (said.includes(words)) resolve();
        });
    });
  const IMPORT_ERRORS = `const { usageError } = await import(${JSON.stringify(dist('run/errors.js'))});`;
  const WAIT = `await run.step('wait', 'Wait', async () => {
    run.note('ready');
    try { await run.clock.sleep(60_000, run.signal); } finally { CLEAN; run.note('cleaned up'); }
  }); return { headline: 'done' };`;

  beforeEach(async () => {
    writeFileSync(join(directory, 'bake.yaml'), PROJECT);
    await startWithoutProcesses();
  });

  test('has its begin and its end in the journal, and its next commands carry the flags', async () => {
    const child = session(
      `run.fact('account', (await cloud.identity()).account); return { headline: 'done', changed: ['a'], next: ['bake status', 'see README'] };`,
    );
    const { out, code } = await ending(child);
    expect(code).toBe(0);
    expect(out).toMatch(
      /^bake wait shop on the local cloud, eu-central-1 run \S+\n\n✓ done\n {2}a\n\nNext:\n {2}bake status --local\n {2}see README\n\nReport: \.bake\/runs\/\S+\.html\n$/,
    );
    const name = readdirSync(join(directory, '.bake/runs')).find((file) => file.endsWith('.jsonl'));
    const entries = readFileSync(join(directory, '.bake/runs', name!), 'utf8')
      .trim()
      .split('\n');
    expect(entries.map((line) => JSON.parse(line).entry)).toEqual(['begin', 'end']);
  });

  test('that fails ends with 1 or 2 and no stack trace; a defect says that it is one', async () => {
    const { err, code } = await ending(session(`throw new TypeError('x is not a function');`));
    expect(code).toBe(1);
    expect(err).toMatch(
      /^\n✗ bake wait failed after .*\n {2}defect of bake: x is not a function\n {2}→ Run it again with --debug/,
    );
    expect(err).not.toContain('    at ');
    const debug = await ending(session(`throw new TypeError('x');`, '{ local: true, debug: true }'));
    expect(debug.err).toContain('    at ');
    expect(await ending(session(`return { ok: false, headline: 'no' };`))).toMatchObject({ code: 1 });
    const usage = `throw usageError('no group', 'Create it: \`bake fleet apply\`.');`;
    const { err: words, code: usageCode } = await ending(session(`${IMPORT_ERRORS} ${usage}`));
    expect(usageCode).toBe(2);
    expect(words).toContain('  no group\n  → Create it: `bake fleet apply --local`.\n');
  });

  test('is interrupted by Ctrl-C: it cleans up, says so, and ends with 130', async () => {
    const child = session(WAIT.replace('CLEAN', ''));
    const ended = ending(child);
    await untilSaid(child, 'ready');
    child.kill('SIGINT');
    const { out, err, code } = await ended;
    expect(code).toBe(130);
    expect(out).toContain('! interrupted: removing what this run made');
    expect(out).toContain('cleaned up');
    expect(err).toMatch(/✗ bake wait was interrupted after .*\n/);
  });

  test('takes the two signals that one Ctrl-C under npx makes for one', async () => {
    const child = session(WAIT.replace('CLEAN', 'await run.clock.sleep(50)'));
    const ended = ending(child);
    await untilSaid(child, 'ready');
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 130, out: expect.stringContaining('cleaned up') });
  });

  test('leaves at once when it is interrupted again, and names the tag of what may be left', async () => {
    const child = session(
      WAIT.replace('CLEAN', 'await run.clock.sleep(400); run.note("second"); await run.clock.sleep(60_000)'),
    );
    const ended = ending(child);
    await untilSaid(child, 'ready');
    child.kill('SIGINT');
    await untilSaid(child, 'second');
    child.kill('SIGINT');
    const { out, err, code } = await ended;
    expect(code).toBe(130);
    expect(out).not.toContain('cleaned up');
    expect(err).toMatch(
      /left at once: .* with the tag bake:run=\S+; its journal is \.bake\/runs\/\S+\.jsonl/,
    );
  });
});
