import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { execute, repository } from '../helpers/cli.ts';
import { installPacked } from '../helpers/packed.ts';
import { createQueues, removeQuickstart, startQuickstart, type Workspace } from '../helpers/quickstart.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'the library' : `the library (skipped: ${support.sentence})`;

/** What a program that uses the package may rely on, and what it may not. */
const TYPES = `
import { type BuildResult, cutover, loadProject, planRollout, rollout, type RunEvent } from 'bake-images';

export const secondsOf = (event: RunEvent): number | undefined => {
  // @ts-expect-error not every event has a duration
  event.durationMs;
  return event.type === 'step.finished' ? event.durationMs / 1_000 : undefined;
};
export const whereOf = async (directory: string): Promise<string[]> => {
  const project = loadProject({ directory });
  // @ts-expect-error the configuration is typed
  const wrong: string = project.config.fleet!.size.desired;
  // @ts-expect-error there is no such strategy
  await rollout(project, { strategy: 'bluegreen' });
  // @ts-expect-error that is another operation's mode
  await cutover(project, { mode: 'swift' });
  const plan = await planRollout(project);
  // @ts-expect-error servers that stay have no group
  plan.group;
  return plan.kind === 'fleet' ? [plan.group, wrong] : plan.lines;
};
export const imageOf = ({ imageId, all }: BuildResult): string[] => [imageId, ...all.map((one) => one.release)];
`;

describe.skipIf(!support.ok).sequential(suite, () => {
  let workspace: Workspace;
  let home: string;

  beforeAll(async () => {
    expect(existsSync(join(repository, 'dist/index.d.ts')), 'the types are not there: npm run build').toBe(
      true,
    );
    [workspace, home] = await Promise.all([startQuickstart('api'), installPacked()]);
    await createQueues(workspace);
    workspace.edit('bake.yaml', '{ min: 3, max: 6, desired: 3 }', '{ min: 1, max: 2, desired: 1 }');
    workspace.edit('bake.yaml', 'checkpoints: [33, 100]', 'checkpoints: [100]');
    const [, program] = /```ts\n(.*?)```/s.exec(readFileSync(join(repository, 'docs/api.md'), 'utf8'))!;
    writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(home, 'deploy.ts'), program!);
    writeFileSync(join(home, 'types.ts'), TYPES);
  });
  afterAll(() => removeQuickstart(workspace));

  const deploy = () =>
    execute(process.execPath, [join(home, 'deploy.js'), workspace.directory, 'local'], { cwd: home });

  it('has types that let right programs through, and wrong ones not', async () => {
    const tsc = join(repository, 'node_modules/typescript/bin/tsc');
    const flags = ['--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2022'];
    const types = ['--types', 'node', '--typeRoots', join(repository, 'node_modules/@types')];
    const { code, stdout } = await execute(
      process.execPath,
      [tsc, ...flags, ...types, 'deploy.ts', 'types.ts'],
      { cwd: home },
    );
    expect(code, stdout).toBe(0);
  });

  it('builds and rolls out for the program of docs/api.md, which has only the published package, and prints nothing of its own', async () => {
    const first = await deploy();
    expect(first, first.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^1 is ami-\w+: 0 replaced in quickstart-workers\nslow: .*\n$/);
    workspace.edit('worker/work.mjs', 'export', '// Another release.\nexport');
    const second = await deploy();
    expect(second, second.stderr).toMatchObject({ code: 0, stderr: '' });
    expect(second.stdout).toMatch(
      /^2 is ami-\w+: 1 replaced in quickstart-workers\nslow: .*Replacing the instances of quickstart-workers.*\n$/,
    );
    // What a run leaves is the journal, for gc and --resume.
    const left = readdirSync(join(workspace.directory, '.bake/runs'));
    expect(left.filter((name) => !name.endsWith('.jsonl'))).toEqual([]);
    expect(left).toHaveLength(6);
  });

  it('throws what the command would say: the file, the line, the key', async () => {
    workspace.edit('bake.yaml', 'instanceType:', 'instanceTyp:');
    const { code, stdout, stderr } = await deploy();
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^bake\.yaml:\d+:\d+: fleet: unknown key "instanceTyp", did you mean "instanceType"\?/,
    );
  });
});
