import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';

/** The files that a page shows, by name: each stands under its name in bold. */
function shown(page: string): Map<string, string> {
  const text = readFileSync(join(repository, 'docs', page), 'utf8');
  const blocks = text.matchAll(/^\*\*`([^`]+)`\*\*.*?\n\n?```\w+\n(.*?)^```/gms);
  return new Map([...blocks].map(([, name, content]) => [name!, content!]));
}

/** Writes them, and in place of the scripts and directories that are the reader's own something that is there. */
function workspace(files: Map<string, string>, own: { files: string[]; directories: string[] }): string {
  const directory = temporaryDirectory('migration');
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  };
  for (const name of own.directories) mkdirSync(join(directory, name), { recursive: true });
  for (const name of own.files) write(name, '#!/usr/bin/env bash\ntrue\n');
  for (const [name, text] of files) write(name, text);
  return directory;
}

const PAGES = {
  'from-packer.md': {
    directories: ['worker'],
    files: ['scripts/base.sh', 'scripts/dependencies.sh', 'requirements.txt', 'worker/install.sh'],
  },
  'from-shell-scripts.md': {
    directories: ['app', 'scripts'],
    files: ['requirements.txt', 'scripts/setup.sh', 'scripts/install-app.sh'],
  },
};

test.each(Object.entries(PAGES))('%s: the bake.yaml that it ends with is valid', (page, own) => {
  const directory = workspace(shown(page), own);
  const { config } = loadProject({ directory, variables: {} });
  expect(config.project).toBe('shop');
  // Everything that the reader brings along is used.
  const used = readFileSync(join(directory, 'bake.yaml'), 'utf8');
  for (const file of own.files) expect(used).toContain(file);
});

test.skipIf(!installed('packer', 'version'))(
  'from-packer.md: the template that it begins with is one of Packer',
  async () => {
    const directory = workspace(shown('from-packer.md'), PAGES['from-packer.md']);
    const args = ['validate', '-syntax-only', '-var', 'version=1', 'worker.pkr.hcl'];
    const environment = { PIP_TOKEN: 'x', CHECKPOINT_DISABLE: '1' };
    const { code, stdout, stderr } = await execute('packer', args, { cwd: directory, env: environment });
    expect(code, stdout + stderr).toBe(0);
  },
);

test('from-shell-scripts.md: the scripts that it shows are shell scripts', async () => {
  const files = shown('from-shell-scripts.md');
  expect([...files.keys()]).toEqual(['deploy.sh', 'bake.yaml', 'userdata.sh']);
  const directory = workspace(files, PAGES['from-shell-scripts.md']);
  for (const script of ['deploy.sh', 'userdata.sh'])
    expect(await execute('bash', ['-n', script], { cwd: directory })).toMatchObject({ code: 0, stderr: '' });
});
