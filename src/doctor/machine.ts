import { runProgram } from '../hooks/program.ts';
import { type Check, checksOf } from './check.ts';

const { ok, open, missing } = checksOf('this machine');

/** Milliseconds. */
const PATIENCE = 10_000;

/** What else than bake itself is used, and what for. */
const PROGRAMS: { name: string; ask: string; todo: string }[] = [
  { name: 'npm', ask: '--version', todo: 'Install npm: it installs and updates bake.' },
  {
    name: 'git',
    ask: '--version',
    todo: 'Install git: images then carry their commit, and `bake release` knows the repository.',
  },
  {
    name: 'ssh',
    ask: '-V',
    todo: 'Install openssh-client, to log in to servers yourself: bake speaks SSH by itself.',
  },
];

/** Node and the programs beside it. `needed`: the range of package.json, `>=20.19`. */
export async function machineChecks(needed: string): Promise<Check[]> {
  const programs = PROGRAMS.map(async ({ name, ask, todo }) => {
    const version = await versionOf(name, ask);
    return version === undefined ? open(name, 'not found', todo) : ok(name, version);
  });
  return [nodeCheck(needed), ...(await Promise.all(programs))];
}

function nodeCheck(needed: string): Check {
  const { node } = process.versions;
  const least = needed.replace(/^>=/, '');
  return isAtLeast(node, least)
    ? ok('node', node)
    : missing('node', node, `Install Node ${least} or newer: bake is not tested with older ones.`);
}

/** Whether a version such as 20.20.1 is another one or newer. */
export function isAtLeast(version: string, least: string): boolean {
  const [have = [], want = []] = [version, least].map((text) => text.split('.').map(Number));
  const differing = want.findIndex((part, index) => (have[index] ?? 0) !== part);
  return differing < 0 || (have[differing] ?? 0) > want[differing]!;
}

/** What a program says of its version; undefined where it is not there, or does not say. */
async function versionOf(program: string, ask: string): Promise<string | undefined> {
  const lines: string[] = [];
  try {
    const onLine = (line: string) => void lines.push(line);
    const end = await runProgram([program, ask], {
      ...{ directory: '.', environment: {}, timeout: PATIENCE, onLine },
    });
    if (end.how !== 'exited' || end.code !== 0) return undefined;
  } catch {
    return undefined;
  }
  return /\d+\.\d[\w.]*/.exec(lines.find((line) => /\d/.test(line)) ?? '')?.[0];
}
