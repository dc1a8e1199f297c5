// Compiles src/ to dist/ and copies the files that are not TypeScript (shell scripts run inside instances).
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
rmSync('dist', { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
cpSync('src', 'dist', { recursive: true, filter: (source) => !source.endsWith('.ts') });
chmodSync('dist/cli.js', 0o755);
execFileSync(process.execPath, ['scripts/declarations.mjs'], { stdio: 'inherit' });
// Instances see the agent's directory only: the program there that uses a package takes it along.
const ssh = 'dist/localcloud/sandbox/agent/ssh';
buildSync({
  entryPoints: [`${ssh}/sshd.js`],
  outfile: `${ssh}/sshd.cjs`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Optional native code, which the package does without.
  external: ['cpu-features', '*.node'],
  logLevel: 'error',
});
