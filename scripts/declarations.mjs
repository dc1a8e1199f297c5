// Writes the type declarations of the programmatic interface to dist/: those that src/index.ts reaches, and no others.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const all = mkdtempSync(join(tmpdir(), 'bake-types-'));
try {
  execFileSync(
    process.execPath,
    [
      'node_modules/typescript/bin/tsc',
      ...['-p', 'tsconfig.build.json', '--outDir', all],
      ...['--declaration', '--emitDeclarationOnly', '--sourceMap', 'false'],
    ],
    { cwd: root, stdio: 'inherit' },
  );
  const found = new Set(['index.d.ts']);
  for (const file of found) {
    // TypeScript leaves the names of the sources as they are; every version of it understands those of the programs.
    const text = readFileSync(join(all, file), 'utf8').replace(
      /(from |import\()(["'])(\.[^"']+)\.ts\2/g,
      (_whole, word, quote, name) => {
        found.add(`${normalize(join(dirname(file), name))}.d.ts`);
        return `${word}${quote}${name}.js${quote}`;
      },
    );
    mkdirSync(join(root, 'dist', dirname(file)), { recursive: true });
    writeFileSync(join(root, 'dist', file), text);
  }
} finally {
  rmSync(all, { recursive: true, force: true });
}
