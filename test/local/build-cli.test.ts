import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestFileSchema } from '../../src/image/manifest-schema.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { bake, execute, repository, temporaryDirectory } from '../helpers/cli.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'bake build' : `bake build (skipped: ${support.sentence})`;

const CONFIG = `project: outputs
image:
  base: { ssmParameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 }
  builder: { instanceProfile: builder }
  layers:
    - name: application
      provisioners:
        - { upload: src, to: /opt/app, name: source }
        - { inline: 'echo done', secrets: [A_TOKEN_OF_THE_TEST] }
`;

describe.skipIf(!support.ok).sequential(suite, () => {
  let directory: string;
  beforeAll(() => {
    directory = temporaryDirectory('outputs');
    writeFileSync(join(directory, 'bake.yaml'), CONFIG);
    mkdirSync(join(directory, 'src'));
    writeFileSync(join(directory, 'src/main.py'), 'print(1)\n');
  });
  afterAll(async () => {
    await bake(directory, 'local', 'reset');
    rmSync(directory, { recursive: true, force: true });
  });
  const build = (...args: string[]) =>
    execute(
      process.execPath,
      [join(repository, 'dist/cli.js'), '-C', directory, 'build', '--local', ...args],
      {
        env: {
          NO_COLOR: '1',
          A_TOKEN_OF_THE_TEST: 'secret-value',
          GITHUB_OUTPUT: join(directory, 'outputs'),
        },
      },
    );

  it('is planned without secrets and without a trace: the layers, the reason, the command to type', async () => {
    const { code, stdout } = await bake(directory, 'plan', 'build', '--local');
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/build {2}application {2}no image of this layer yet/);
    expect(stdout).toContain('bake build -C');
    expect(existsSync(join(directory, '.bake/runs'))).toBe(false);
  });

  it('hands image and release to a GitHub job, and leaves a manifest that its schema describes', async () => {
    const { code, stdout, stderr } = await build();
    expect(code, stderr).toBe(0);
    const outputs = Object.fromEntries(
      readFileSync(join(directory, 'outputs'), 'utf8')
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    const manifest = JSON.parse(readFileSync(outputs.manifest!, 'utf8'));
    expect(manifestFileSchema.safeParse(manifest).error).toBeUndefined();
    const region = manifest.cloud.region;
    expect(outputs).toMatchObject({
      image_id: manifest.images[region],
      release: '1',
      fingerprint: manifest.fingerprint,
      built: 'application',
      regions: JSON.stringify(manifest.images),
    });
    expect(stdout).toMatch(/^time +this run$/m);
    expect(stdout).toMatch(/^ {2}source +\d/m);
    const bill = JSON.parse(readFileSync(join(directory, '.bake', manifest.packages.file), 'utf8'));
    expect(bill.components.length).toBe(manifest.packages.count);
    expect(bill.components[0].purl).toMatch(/^pkg:(deb|rpm|apk)\//);
  });

  it('tells its time beside that of the last run', async () => {
    writeFileSync(join(directory, 'src/main.py'), 'print(2)\n');
    const planned = await bake(directory, 'plan', 'build', '--local');
    expect(planned.stdout).toContain('src/main.py changed');
    expect(planned.stdout).toMatch(/in about .* \(as long as the last time\)/);
    const { stdout } = await build();
    expect(stdout).toMatch(/^time +this run +last run$/m);
    expect(stdout).toMatch(/^finish +\d[\w. ]+ +\d/m);
  });
});
