import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { fingerprintLayers } from '../../src/image/fingerprints.ts';
import { loadLayers } from '../../src/image/provisioners.ts';
import { temporaryDirectory } from '../helpers/cli.ts';

let directory: string;
beforeEach(() => {
  directory = temporaryDirectory('shipped');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function load(script: string) {
  writeFileSync(
    join(directory, 'bake.yaml'),
    `project: shop
image:
  base: { id: ami-1 }
  layers:
    - name: dependencies
      provisioners:
        - script: ${script}
          environment: { PYTHON: '3.11' }
`,
  );
  return loadProject({ directory, variables: {} });
}

test('a configuration names a shipped provisioner, whose content is part of the fingerprint', () => {
  const layers = loadLayers(load('bake:python'), {});
  expect(layers[0]?.provisioners[0]).toMatchObject({ name: 'bake:python', label: 'bake:python' });
  const [layer] = fingerprintLayers({ id: 'ami-1', architecture: 'x86_64' }, layers, '');
  expect(Object.keys(layer!.inputs)).toContain('bake:python');
});

test('a shipped provisioner that does not exist is a configuration error with its place and the nearest name', () => {
  expect(() => load('bake:pyton')).toThrow(
    expect.objectContaining({
      exitCode: 2,
      message: expect.stringMatching(
        /bake\.yaml:7:19: .*no provisioner "bake:pyton" comes with bake, did you mean "python"\?; there is app-user, base-os/,
      ),
    }),
  );
});
