import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { onTerminal } from '../helpers/terminal.ts';

const directory = temporaryDirectory('completion');
const env = { PATH: `${directory}:${process.env.PATH}`, HOME: directory, PS1: '> ', INPUTRC: '/dev/null' };

beforeAll(() => {
  const program = join(repository, 'dist/cli.js');
  // What is typed is not done, but told.
  const script = `#!/bin/sh
case $1 in
  complete | completion) exec '${process.execPath}' '${program}' "$@" ;;
  *) echo "called with: $*" ;;
esac
`;
  writeFileSync(join(directory, 'bake'), script);
  chmodSync(join(directory, 'bake'), 0o755);
  writeFileSync(join(directory, 'bake.yaml'), 'environments: { production: {}, staging: {} }\n');
  writeFileSync(join(directory, 'faults.json'), '{}');
});

let shell: ReturnType<typeof onTerminal> | undefined;
afterEach(() => shell?.kill());

/** Somebody presses the tab key where a word is half typed, and then enter. */
async function typeHalf(command: string[], ...begin: string[]): Promise<void> {
  shell = onTerminal(command, { cwd: directory, env });
  for (const line of begin) shell.type(`${line}\n`);
  shell.type('bake rollo\t--strategy bl\t-e prod\t\n');
  await shell.saw(/called with: rollout --strategy blue-green -e production/);
  shell.type('bake loc\tstart --faults fau\t\n');
  await shell.saw(/called with: local start --faults faults\.json/);
}

test('bash completes commands, values, environments and files', async () => {
  await typeHalf(['bash', '--norc', '--noprofile', '-i'], 'source <(bake completion bash)');
});

test.skipIf(!installed('zsh', '--version'))(
  'zsh completes commands, values, environments and files',
  async () => {
    await typeHalf(
      ['zsh', '-f', '-i'],
      'autoload -Uz compinit && compinit -u -D',
      'source <(bake completion zsh)',
    );
  },
);

test.skipIf(!installed('fish', '--version'))(
  'fish completes commands, values, environments and files, and says what they are',
  async () => {
    const lines = [
      'bake fleet a',
      'bake rollout --strategy bl',
      'bake -e prod',
      'bake local start --faults fau',
    ];
    const script = lines.map((line) => `complete -C '${line}'`).join('; ');
    const { stdout } = await execute(
      'fish',
      ['--no-config', '-c', `bake completion fish | source; ${script}`],
      {
        cwd: directory,
        env,
      },
    );
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^apply\tcreate the launch template/),
      'blue-green\tstrategy',
      'production\tenvironment',
      expect.stringMatching(/^faults\.json/),
    ]);
  },
);
