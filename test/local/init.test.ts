import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { bake, execute, temporaryDirectory } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { smallApplication } from '../helpers/small-applications.ts';
import { bakeOnTerminal } from '../helpers/terminal.ts';
import { missing } from '../helpers/web-example.ts';

it('says what it knows where it knows nothing, and writes nothing', async () => {
  const { code, stderr } = await bake(temporaryDirectory('nothing'), 'init', '--yes');
  expect(code).toBe(2);
  expect(stderr).toMatch(/no application that bake knows is in \S+\n.*It knows Python \(worker\.py/);
});

it('refuses to write over a configuration, in one sentence', async () => {
  const directory = smallApplication('node');
  const first = await bake(directory, 'init', '--json');
  expect(JSON.parse(first.stdout)).toMatchObject({
    ok: true,
    kind: 'node',
    answers: { project: 'node', port: 3000 },
  });
  const again = await bake(directory, 'init', '--yes');
  expect(again.code).toBe(2);
  expect(again.stderr).toBe(
    '✗ bake.yaml is already there: nothing was written\n  → Give --force to write it anew.\n',
  );
  expect((await bake(directory, 'init', '--yes', '--force')).code).toBe(0);
});

it.skipIf(!installed('script', '--version'))('asks on a terminal, and proposes what it found', async () => {
  const directory = smallApplication('python', 'Word counter');
  const terminal = bakeOnTerminal('-C', `'${directory}'`, 'init');
  const answers: [RegExp, string][] = [
    [/Which cloud \(aws, alicloud\) \[aws\]: /, ''],
    [/Region \[eu-central-1\]: /, 'eu-west-1'],
    [/How instances are replaced \(rolling, blue-green\) \[rolling\]: /, 'blue-green'],
    [/SQS queue that it receives from \[word-counter-jobs\]: /, 'texts'],
  ];
  for (const [question, said] of answers) {
    await terminal.saw(question);
    terminal.type(`${said}\n`);
  }
  expect(await terminal.end()).toBe(0);
  const text = readFileSync(join(directory, 'bake.yaml'), 'utf8');
  expect(text).toMatch(/^project: word-counter$/m);
  expect(text).toMatch(/^region: eu-west-1$/m);
  expect(text).toMatch(/^ {2}strategy: blue-green$/m);
  expect(text).toMatch(/^ {4}queue: texts$/m);
});

const support = await sandboxSupport(tmpdir());
const needed: Record<'node' | 'django' | 'rails', string> = {
  node: await missing([], ['logrotate']),
  django: await missing(['django', 'ensurepip'], ['gunicorn', 'logrotate']),
  rails: installed('ruby', '-e', 'require "action_controller/railtie"')
    ? await missing([], ['bundle', 'puma', 'logrotate'])
    : 'not installed: Rails',
};

/** A release and nothing more: there are no alarms. */
async function rehearse(name: 'node' | 'django' | 'rails') {
  const directory = smallApplication(name);
  if (name === 'rails') await execute('bundle', ['lock', '--local'], { cwd: directory });
  expect((await bake(directory, 'init', '--yes')).code).toBe(0);
  const { code, stdout } = await bake(directory, 'rehearse', '--scenario', 'alarm');
  expect(code, stdout).toBe(0);
  expect(stdout).toMatch(/✓ A new release .*\n +release 2 runs on 2 instances/);
}

// The python worker: first-hour.test.ts.
describe.concurrent('what is written rehearses at once', () => {
  for (const name of ['node', 'django'] as const) {
    const lacking = support.ok ? needed[name] : support.sentence;
    const title = `${name}${lacking && ` (skipped: ${lacking})`}`;
    it.skipIf(lacking !== '')(title, () => rehearse(name), 280_000);
  }
});
const lacking = support.ok ? needed.rails : support.sentence;
it.skipIf(lacking !== '')(
  `a small Rails application rehearses at once${lacking && ` (skipped: ${lacking})`}`,
  () => rehearse('rails'),
  280_000,
);
