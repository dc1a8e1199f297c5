import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import type { RunEvent } from '../../src/run/events.ts';
import { isAlive } from '../../src/run/processes.ts';
import { bake, execute, repository, temporaryDirectory } from '../helpers/cli.ts';

/** Expects what does not happen. */
const WRONG = `title: A release that is well
about: Nothing is wrong with it.
needs: [fleet]
faults: { requests: [{ service: autoscaling, effect: latency, milliseconds: 1, nth: 1 }] }
expect: held
means: it was held
otherwise: nothing held it
`;

const support = await sandboxSupport(tmpdir());
const why = support.ok ? '' : ` (skipped: ${support.sentence})`;

let directory: string;
/** Rehearsals are made in a temporary directory of the test's own, so that what they leave is seen. */
let scratch: string;
beforeAll(() => {
  directory = temporaryDirectory('rehearse');
  scratch = join(directory, 'scratch');
  mkdirSync(scratch);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const environment = () => ({ TMPDIR: scratch, NO_COLOR: '1', AWS_PROFILE: 'production' });
const cli = join(repository, 'dist/cli.js');
const rehearse = (project: string, ...args: string[]) =>
  execute(process.execPath, [cli, '-C', join(directory, project), 'rehearse', ...args], {
    env: environment(),
  });

/** A project with one layer and no services. */
function write(project: string, provisioner: string): string {
  const place = join(directory, project);
  mkdirSync(place, { recursive: true });
  const layers = [{ name: 'application', provisioners: [{ inline: provisioner }] }];
  const builder = { instanceProfile: 'shop-builder' };
  const fleet = { name: 'shop', size: { min: 1, max: 2, desired: 1 }, warmup: '10s' };
  const base = { ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64' };
  writeFileSync(
    join(place, 'bake.yaml'),
    stringify({ project: 'shop', image: { base, builder, layers }, fleet }),
  );
  return place;
}

it('a scenario that there is none of, or a project without anything to rehearse, starts nothing', async () => {
  write('shop', 'true');
  const unknown = await rehearse('shop', '--scenario', 'alarms');
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean "alarm"?')]);
  expect((await rehearse('shop', '--speed', 'fast')).code).toBe(2);
  expect(readdirSync(scratch)).toEqual([]);
});

describe.skipIf(!support.ok).sequential(`a rehearsal on real processes${why}`, () => {
  it('plays a killed rollout to its end, fails for what is not as expected, touches nothing and leaves nothing', async () => {
    const bundled = await execute(process.execPath, [
      join(repository, 'examples/quickstart/dependencies/bundle.mjs'),
    ]);
    expect(bundled.code).toBe(0);
    cpSync(join(repository, 'examples/quickstart'), join(directory, 'quickstart'), { recursive: true });
    const file = join(directory, 'quickstart/bake.yaml');
    const text = readFileSync(file, 'utf8')
      .replace('min: 3, max: 6, desired: 3', 'min: 1, max: 2, desired: 1')
      .replace('[33, 100]', '[]');
    writeFileSync(file, text);
    const wrong = join(directory, 'wrong.yaml');
    writeFileSync(wrong, WRONG);
    const page = join(directory, 'page.html');
    const files = () => readdirSync(join(directory, 'quickstart'), { recursive: true }).sort();
    const before = files();

    const flags = ['--scenario', 'crash-and-resume', '--faults', wrong, '--report', page];
    const { code, stdout, stderr } = await rehearse('quickstart', ...flags);
    const said = stdout + stderr;
    expect(code, said).toBe(1);
    expect(said).toMatch(
      /✓ bake is killed in the middle of a rollout .*\n +killed at rollout\.replace; release 1 runs on 1 instance/,
    );
    expect(said).toContain(
      'release 1, verified, on 1 instance; the fleet is free; 10 of 10 messages processed',
    );
    expect(said).toMatch(/✗ A release that is well .*\n +1 fault; release 2 runs on 1 instance/);
    expect(said).toContain('→ nothing held it');
    expect(said).toMatch(/✗ rehearsed: wrong not as expected, 2 of 3 were, after /);
    expect(readFileSync(page, 'utf8')).toMatch(
      /<h2 id="tried">Tried<\/h2>.*bake is killed in the middle of a rollout/s,
    );
    expect([files(), readFileSync(file, 'utf8')]).toEqual([before, text]);
    expect(readdirSync(scratch)).toEqual([]);
  }, 180_000);

  it('says why a plain release fails, and tries nothing else', async () => {
    write('broken', 'echo no such package >&2; exit 3');
    const { code, stdout, stderr } = await rehearse('broken', '--scenario', 'throttled-api', '--json');
    expect([code, stderr]).toEqual([1, '']);
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEvent);
    const tried = events.flatMap((event) =>
      event.type === 'fact' && event.name === 'rehearsal.scenario' ? [event.value] : [],
    );
    expect(tried).toMatchObject([
      { name: 'release', verdict: 'not-as-expected', happened: expect.stringContaining('exit code 3') },
      { name: 'throttled-api', verdict: 'left-out', happened: 'a plain release has to succeed first' },
    ]);
    expect(JSON.stringify(tried)).toContain('no such package');
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', ok: false });
  }, 60_000);

  it('that is interrupted removes its local cloud', async () => {
    write('slow', 'echo begun; sleep 60');
    const child = spawn(process.execPath, [cli, '-C', join(directory, 'slow'), 'rehearse', '--json'], {
      env: { ...process.env, ...environment() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await said(child, 'bake build: Layer application');
    const [place] = readdirSync(scratch).map((name) => join(scratch, name));
    const { pid } = JSON.parse((await bake(place!, 'local', 'status', '--json')).stdout);
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    expect(existsSync(place!)).toBe(false);
    expect(isAlive(pid)).toBe(false);
  }, 60_000);
});

/** Resolves when an event tells these words; the rest of the output is read and dropped. */
async function said({ stdout }: ChildProcess, words: string): Promise<void> {
  await new Promise<void>((resolve) => {
    createInterface({ input: stdout! }).on('line', (line) => line.includes(words) && resolve());
  });
}
