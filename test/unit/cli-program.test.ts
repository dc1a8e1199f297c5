import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

// The program as it is installed: compiled (npm test does that first).
const program = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-cli-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function bake(...parameters: string[]) {
  const child = spawn(process.execPath, [program, ...parameters], {
    cwd: directory,
    env: { PATH: process.env.PATH },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, code };
}

const VALID = `project: shop
image:
  base: { id: ami-1 }
  layers:
    - name: application
      provisioners:
        - inline: "true"
fleet:
  name: shop-workers
  size: { min: 1, max: 4, desired: 3 }
smoke:
  logs: { group: /shop }
`;

describe('the program', () => {
  test('helps: every command is there, each with an example', async () => {
    const { out, code } = await bake('--help');
    expect(code).toBe(0);
    for (const name of ['validate', 'build', 'rollout', 'smoke', 'status', 'fleet', 'local'])
      expect(out).toContain(`\n  ${name} `);
    const commands = [
      'validate',
      'build',
      'rollout',
      'smoke',
      'status',
      'fleet apply',
      'local start',
      'local stop',
    ];
    commands.push('local status', 'local reset', 'local logs', 'local env');
    commands.push('rollback', 'history', 'cutover', 'diagnose', 'plan build', 'gc');
    const helps = await Promise.all(commands.map((name) => bake(...name.split(' '), '--help')));
    for (const [index, help] of helps.entries()) {
      expect(help.code).toBe(0);
      expect(help.out).toMatch(new RegExp(`Examples:\n  \\$ .*bake ${commands[index]}`));
      expect(help.out).toContain('Global Options:');
    }
  });

  test('says its version', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await bake('--version')).toEqual({ out: `${version}\n`, err: '', code: 0 });
  });

  test.each([
    [['buld'], "error: unknown command 'buld'\n(Did you mean build?)"],
    [['local', 'strt'], "error: unknown command 'strt'\n(Did you mean start?)"],
    [['build', '--relese', 'v1'], "error: unknown option '--relese'\n(Did you mean --release?)"],
    [['build', 'now'], "error: too many arguments for 'build'. Expected 0 arguments but got 1."],
    [['rollout', '--image'], "error: option '--image <id>' argument missing"],
    [[], 'Usage: bake'],
  ])('refuses %j with exit code 2 and the nearest that exists', async (parameters, words) => {
    const { out, err, code } = await bake(...parameters);
    expect({ out, code }).toEqual({ out: '', code: 2 });
    expect(err).toContain(words);
  });
});

describe('bake validate', () => {
  test('says in one line what the configuration describes', async () => {
    writeFileSync(join(directory, 'bake.yaml'), VALID);
    expect(await bake('validate')).toEqual({
      out: 'bake.yaml is valid: project shop, 1 layer, fleet shop-workers (3 × t3.small), smoke: logs\n',
      err: '',
      code: 0,
    });
    const { out } = await bake('validate', '--json');
    expect(JSON.parse(out)).toMatchObject({ ok: true, environment: 'default', config: { project: 'shop' } });
  });

  test('tells every problem and ends with 2, without a stack trace', async () => {
    writeFileSync(
      join(directory, 'bake.yaml'),
      VALID.replace('min: 1', 'min: few').replace('fleet:', 'fleat:'),
    );
    const { out, err, code } = await bake('validate');
    expect({ out, code }).toEqual({ out: '', code: 2 });
    expect(err).toBe('✗ bake.yaml:8:1: unknown key "fleat", did you mean "fleet"?\n');
    const json = await bake('validate', '--json');
    expect(JSON.parse(json.out)).toMatchObject({ ok: false, error: { exitCode: 2 } });
  });

  test('runs in another directory, with another file', async () => {
    writeFileSync(join(directory, 'other.yaml'), VALID);
    const { out, code } = await bake('validate', '-C', directory, '--file', 'other.yaml');
    expect({ out, code }).toMatchObject({ code: 0, out: expect.stringContaining('other.yaml is valid') });
  });
});

describe('a command that cannot begin', () => {
  test('says why, creates nothing and ends with 2', async () => {
    const { out, err, code } = await bake('build');
    expect({ out, code }).toEqual({ out: '', code: 2 });
    expect(err).toMatch(
      /\n✗ bake build could not go on after .*\n {2}no bake\.yaml in .* or above it\n {2}→ Change/,
    );
    expect(err).not.toContain('    at ');
  });

  test('says so as an event with --json, and where in bake with --debug', async () => {
    const { out, err, code } = await bake('build', '--json', '--debug');
    const event = JSON.parse(out);
    expect({ code, err }).toEqual({ code: 2, err: '' });
    expect(event).toMatchObject({ type: 'run.finished', ok: false, error: { exitCode: 2 } });
    expect(event.error.details.join('\n')).toContain('    at ');
  });
});

test('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, [program, '--help'], { cwd: directory });
  child.stdout.destroy();
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  expect(await text(child.stderr)).toBe('');
  expect(await ended).toBe(0);
});
