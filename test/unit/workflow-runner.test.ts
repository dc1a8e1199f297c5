import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/cli.ts';
import { type ActionsOptions, GithubActions } from '../helpers/workflow/actions.ts';
import { type Issuer, startIssuer } from '../helpers/workflow/oidc.ts';

let directory: string;
let issuer: Issuer;
beforeAll(async () => {
  directory = temporaryDirectory('runner');
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', directory]);
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  execFileSync('git', ['-C', directory, ...who, 'commit', '--quiet', '--allow-empty', '-m', 'one']);
  mkdirSync(join(directory, '.github/workflows'), { recursive: true });
  issuer = await startIssuer();
});
afterAll(() => {
  issuer.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs jobs by dispatch; `on` says more of when and with what. */
async function run(
  jobs: string,
  more: { on?: string; inputs?: Record<string, string>; options?: object } = {},
) {
  const text = `on: ${more.on ?? 'workflow_dispatch'}\njobs:\n${jobs.replaceAll(/^/gm, '  ')}\n`;
  writeFileSync(join(directory, '.github/workflows/test.yml'), text);
  const options: ActionsOptions = { directory, repository: 'acme/shop', issuer, ...more.options };
  const event = { name: 'workflow_dispatch', branch: 'main', inputs: more.inputs } as const;
  const actions = new GithubActions(options);
  const ended = await actions.run('.github/workflows/test.yml', event).finally(() => actions.close());
  return ended!;
}

it('steps hand on outputs, variables, paths and a summary by files, and jobs their outputs', async () => {
  const ended = await run(String.raw`one:
  outputs: { both: '${'${{ steps.a.outputs.x }}-${{ steps.a.outputs.y }}'}' }
  steps:
    - id: a
      run: |
        echo "x=1" >>"$GITHUB_OUTPUT"
        printf 'y<<END\ntwo\nlines\nEND\n' >>"$GITHUB_OUTPUT"
        echo NAME=value >>"$GITHUB_ENV"
        mkdir bin; echo 'echo found' >bin/tool; chmod +x bin/tool; echo "$PWD/bin" >>"$GITHUB_PATH"
        echo '# done' >>"$GITHUB_STEP_SUMMARY"
    - run: echo "$NAME $(tool)"
two:
  needs: one
  steps:
    - run: echo "got $BOTH"
      env: { BOTH: '${'${{ needs.one.outputs.both }}'}' }`);
  expect(ended.conclusion).toBe('success');
  expect(ended.jobs.one?.outputs.both).toBe('1-two\nlines');
  expect(ended.jobs.one?.summary).toBe('# done\n');
  expect(ended.log).toMatch(/value found/);
  expect(ended.log).toMatch(/got 1-two\nlines/);
});

it('a step that fails ends its job but for always() and failure(), and skips the jobs that need it', async () => {
  const { conclusion, jobs } = await run(`one:
  steps:
    - run: exit 3
    - run: echo no
    - { if: failure(), run: echo failed }
    - { if: always(), run: echo always }
two: { needs: one, steps: [{ run: echo no }] }
three: { needs: one, if: '!cancelled()', steps: [{ run: echo yes }] }
four: { steps: [{ run: exit 1, continue-on-error: true }, { run: echo yes }] }`);
  expect(conclusion).toBe('failure');
  expect(jobs.one?.steps.map(({ outcome }) => outcome)).toEqual(['failure', 'skipped', 'success', 'success']);
  expect(['one', 'two', 'three', 'four'].map((id) => jobs[id]?.result)).toEqual([
    'failure',
    'skipped',
    'success',
    'success',
  ]);
});

it('`shell: bash` fails in the middle of a pipe, the default does not', async () => {
  const { jobs } = await run(`one: { steps: [{ run: false | true }] }
two: { steps: [{ run: false | true, shell: bash }] }`);
  expect([jobs.one?.result, jobs.two?.result]).toEqual(['success', 'failure']);
});

it('a matrix makes a job of each value, and variables and secrets of an environment are of its jobs only', async () => {
  const { jobs } = await run(
    `one:
  strategy: { matrix: { environment: '\${{ fromJSON(vars.ALL) }}' } }
  environment: { name: '\${{ matrix.environment }}', deployment: false }
  steps: [{ run: 'echo "$ROLE $KEY"', env: { ROLE: '\${{ vars.ROLE }}', KEY: '\${{ secrets.KEY }}' } }]`,
    {
      options: {
        vars: { ALL: '["a", "b"]', ROLE: 'none' },
        environments: { a: { vars: { ROLE: 'role-a' }, secrets: { KEY: 'hidden' } } },
      },
    },
  );
  expect(jobs['one (a)']?.log).toMatch(/role-a \*\*\*/);
  expect(jobs['one (b)']?.log).toMatch(/none \n/);
});

it('inputs of a dispatch have to be defined and allowed', async () => {
  const on =
    '{ workflow_dispatch: { inputs: { how: { type: choice, options: [a, b] }, on: { type: boolean } } } }';
  const jobs = `one: { steps: [{ run: 'echo "\${{ inputs.how }} \${{ inputs.on && 1 || 2 }}"' }] }`;
  expect((await run(jobs, { on })).log).toMatch(/a 2/);
  expect((await run(jobs, { on, inputs: { how: 'b', on: 'true' } })).log).toMatch(/b 1/);
  await expect(run(jobs, { on, inputs: { how: 'c' } })).rejects.toThrow(/not in the list/);
  await expect(run(jobs, { on, inputs: { other: '' } })).rejects.toThrow(/Unexpected inputs/);
});

it('an artifact has no hidden files unless they are wanted', async () => {
  const upload = (more: string) =>
    `{ uses: actions/upload-artifact@v5, with: { name: 'a\${{ github.run_id }}', path: .bake/*.txt${more} } }`;
  const make = '{ run: mkdir .bake && echo 1 >.bake/a.txt }';
  const without = await run(`one: { steps: [${make}, ${upload('')}] }`);
  expect(without.artifacts.size).toBe(0);
  const wanted = await run(`one: { steps: [${make}, ${upload(', include-hidden-files: true')}] }`);
  expect(wanted.artifacts.size).toBe(1);
});

it('a job has a token of its own only where it may ask for one', async () => {
  const job = (permissions: string) =>
    run(
      `one: { permissions: ${permissions}, steps: [{ run: 'echo "\${ACTIONS_ID_TOKEN_REQUEST_URL:-none}"' }] }`,
    );
  expect((await job('{ contents: read }')).log).toMatch(/none/);
  expect((await job('{ id-token: write }')).log).toMatch(/http:/);
});

it('of the jobs that wait in a concurrency group the newest goes on, one at a time', async () => {
  const lock = join(directory, 'lock');
  const text = `on: workflow_dispatch
jobs:
  one:
    concurrency: { group: 'only-\${{ github.ref_name }}', cancel-in-progress: false }
    steps: [{ run: 'mkdir ${lock}' }, { run: 'rmdir ${lock}' }]
`;
  writeFileSync(join(directory, '.github/workflows/test.yml'), text);
  const actions = new GithubActions({ directory, repository: 'acme/shop' });
  const start = () =>
    actions.run('.github/workflows/test.yml', { name: 'workflow_dispatch', branch: 'main' });
  const runs = await Promise.all([start(), start(), start()]);
  actions.close();
  expect(runs.map((one) => one?.conclusion)).toEqual(['success', 'cancelled', 'success']);
});
