import type { Application } from '../application.ts';
import { healthPath, portIn, receivesMessages, type Sources, variablesIn } from '../sources.ts';

interface Package {
  main?: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
}

const ENTRIES = [
  'server.js',
  'server.mjs',
  'worker.js',
  'worker.mjs',
  'app.js',
  'app.mjs',
  'index.js',
  'index.mjs',
];

/** A Node.js program: a worker, or a web application. */
export function node(sources: Sources): Application | undefined {
  if (!sources.has('package.json')) return undefined;
  const { main, scripts = {}, dependencies = {} } = packageOf(sources);
  const start = /^node\s+((?:-\S+\s+)*)(\S+)$/.exec(scripts.start ?? '');
  const entry = start?.[2] ?? [main, ...ENTRIES].find((file) => file !== undefined && sources.has(file));
  if (entry === undefined && scripts.start === undefined) return undefined;
  const text = sources.text();
  const web =
    /\bcreateServer\(|\.listen\(/.test(text) ||
    ['express', 'fastify', 'koa', '@hapi/hapi', '@nestjs/core', 'next'].some((name) => name in dependencies);
  const program = entry === undefined ? 'npm start' : `node ${start?.[1] ?? ''}${entry}`;
  const built = scripts.build !== undefined;
  return {
    kind: 'node',
    because: entry === undefined ? 'package.json' : `package.json and ${entry}`,
    command: () => `/usr/bin/env ${program}`,
    web,
    queue: receivesMessages(text),
    port: portIn(text) ?? 3000,
    health: healthPath(text),
    dependencies: 'package.json',
    locks: ['package-lock.json'].filter(sources.has),
    variables: variablesIn(text),
    prepare: () => [],
    checks: ({ app }, account) =>
      entry === undefined ? [] : [`cd ${app} && runuser -u ${account} -- /usr/bin/env node --check ${entry}`],
    ignore: ['node_modules', 'test', 'tests', 'coverage', '.npmrc'],
    notes: built
      ? [
          '`npm run build` is not run in the image: build before (hooks.beforeBuild in bake.yaml), so that no compiler is needed there.',
        ]
      : [],
  };
}

function packageOf(sources: Sources): Package {
  try {
    return JSON.parse(sources.read('package.json')) as Package;
  } catch {
    return {};
  }
}
