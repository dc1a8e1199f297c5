import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { complete } from '../../src/completion/candidates.ts';

let directory: string;
const program = await createProgram();
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-completion-'));
  writeFileSync(
    join(directory, 'bake.yaml'),
    `images:
  web: { layers: [{ name: base }, { name: web }] }
  worker: { layers: [{ name: base }, { name: worker }] }
environments:
  production: {}
  preview: {}
  staging: {}
`,
  );
  mkdirSync(join(directory, '.bake'));
  const builds = {
    web: { release: '41', images: { 'eu-central-1': 'ami-41' } },
    worker: { release: '42', images: { 'eu-central-1': 'ami-42' } },
  };
  writeFileSync(join(directory, '.bake', 'manifest.json'), JSON.stringify({ version: 1, builds }));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What the words after `bake -C DIR` may become. */
function completed(line: string): string[] | string {
  const found = complete(program, ['-C', directory, ...line.split(' ')]);
  return typeof found === 'string' ? found : found.map(({ value }) => value);
}

describe('a half typed line becomes', () => {
  test.each([
    ['rol', ['rollout', 'rollback']],
    ['fleet ', ['plan', 'apply']],
    ['fleet apply --re', ['--report']],
    ['rollout --strategy ', ['rolling', 'blue-green', 'in-place']],
    ['rollout --strategy=b', ['--strategy=blue-green']],
    ['rollout --strategy = b', ['blue-green']],
    ['rollout --on-interrupt l', ['leave']],
    ['rollout --release ', ['41', '42']],
    ['rollback --to 4', ['41', '42']],
    ['rollout --image ', ['ami-41', 'ami-42']],
    ['build --only w', ['web', 'worker']],
    ['build --from ', ['base', 'web', 'worker']],
    ['-e p', ['production', 'preview']],
    ['build -e st', ['staging']],
    ['build --release v1 --n', ['--no-cache']],
    ['build --resume --n', ['--no-cache']],
    ['build --release v1 --rel', []],
    ['local start --runtime ', ['sandbox', 'none']],
    ['local start --faults ', 'files'],
    ['init --kind dj', ['django']],
    ['rehearse --scenario spot', ['spot-reclaim']],
    ['rehearse --faults ', 'files'],
    ['-C ', 'directories'],
    ['report ev', 'files'],
    ['completion f', ['fish']],
    ['explain fle', ['fleet']],
    ['explain fleet.size.m', ['fleet.size.min', 'fleet.size.max']],
    ['explain image.layers.provisioners.in', ['image.layers.provisioners.inline']],
    ['bild --fr', []],
    ['build -- --fr', []],
  ])('%s', (line, expected) => {
    expect(completed(line)).toEqual(expected);
  });

  test('nothing of what is hidden, and everything else with what it is', () => {
    const found = complete(program, ['']);
    expect(found).not.toContainEqual(expect.objectContaining({ value: 'complete' }));
    expect(found).toContainEqual({ value: 'gc', description: expect.stringMatching(/^remove what/) });
  });

  test('no error where there is no project, or none that can be read', () => {
    writeFileSync(join(directory, 'broken.yaml'), '{');
    expect(completed('--file broken.yaml -e ')).toEqual([]);
    expect(completed('--file none.yaml -e ')).toEqual([]);
  });
});
