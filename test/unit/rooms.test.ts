import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../src/', import.meta.url));

interface Source {
  /** Relative to src/. */
  file: string;
  text: string;
  /** What it imports: files relative to src/, packages by name. */
  imports: string[];
  /** What is loaded with it: without types, which are gone by then, and without what is loaded when it is called for. */
  needed: string[];
}

/** Static and dynamic imports, and exports from elsewhere. */
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s+(type\s)?[^'";]*?from\s*'([^']+)'|(?:^|\n)import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;

const sources: Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const found = [...text.matchAll(IMPORT)].map(([, typeOnly, from, bare, dynamic]) => {
      const name = from ?? bare ?? dynamic ?? '';
      const target = name.startsWith('.') ? normalize(join(dirname(file), name)) : name;
      return { target, static: dynamic === undefined && typeOnly === undefined };
    });
    return {
      file,
      text,
      imports: found.map(({ target }) => target),
      needed: found.filter((one) => one.static).map(({ target }) => target),
    };
  });

/** `file -> import` for every import that breaks a rule. */
const offences = (breaks: (source: Source, target: string) => boolean): string[] =>
  sources.flatMap((source) =>
    source.imports.filter((target) => breaks(source, target)).map((target) => `${source.file} -> ${target}`),
  );

const isOurs = (target: string) => target.endsWith('.ts');
const inRoom = (path: string, room: string) => path.startsWith(`${room}/`);

test('the rules are read from real imports', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.find(({ file }) => file === 'cli/image.ts')?.imports).toContain('commands/validate.ts');
});

test('the local cloud imports nothing of the other rooms, and no SDK', () => {
  expect(
    offences(
      ({ file }, target) =>
        inRoom(file, 'localcloud') &&
        (isOurs(target) ? !inRoom(target, 'localcloud') : target.startsWith('@aws-sdk/')),
    ),
  ).toEqual([]);
});

test('only `bake local` and what opens it for an operation import the local cloud', () => {
  expect(
    offences(
      ({ file }, target) =>
        inRoom(target, 'localcloud') &&
        !inRoom(file, 'localcloud') &&
        !/^(commands\/local|api\/local-cloud\.ts$)/.test(file),
    ),
  ).toEqual([]);
});

test('a cloud is reached through the port: its room is imported by clouds/open.ts alone', () => {
  const room = (path: string) => /^clouds\/([^/]+)\//.exec(path)?.[1];
  const door = (path: string) => (room(path) === 'port' ? 'clouds/cloud.ts' : 'clouds/open.ts');
  expect(
    offences(
      ({ file }, target) =>
        isOurs(target) && room(target) !== undefined && room(target) !== room(file) && file !== door(target),
    ),
  ).toEqual([]);
});

test("a cloud's SDK is imported in its room alone", () => {
  expect(
    offences(({ file }, target) => /^@(aws-sdk|smithy)\//.test(target) && !inRoom(file, 'clouds/aws')),
  ).toEqual([]);
});

test('programs are started by the hooks, by the chat (bake itself), and by those who ask git', () => {
  const starting = sources.filter(
    ({ file, imports }) => imports.includes('node:child_process') && !inRoom(file, 'localcloud'),
  );
  expect(starting.map(({ file }) => file).sort()).toEqual([
    'chat/child.ts',
    'config/branches.ts',
    'hooks/program.ts',
    'image/git.ts',
  ]);
});

test('nothing below the commands and the reporters prints', () => {
  const printers = /^(commands\/|report\/|cli\.ts$|localcloud\/daemon|localcloud\/sandbox\/agent\/)/;
  const printing = sources.filter(
    ({ file, text }) =>
      !printers.test(file) &&
      /(?<!\.)\bconsole\.(log|error|warn|info|debug)\(|\bprocess\.std(out|err)\b/.test(text),
  );
  expect(printing.map(({ file }) => file)).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const graph = new Map(sources.map(({ file, needed }) => [file, needed.filter(isOurs)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, way: string[]) => {
    const seen = way.indexOf(file);
    if (seen >= 0) cycles.push([...way.slice(seen), file].join(' -> '));
    if (seen >= 0 || done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  expect(cycles).toEqual([]);
});

test('no file has more than 400 lines', () => {
  const long = sources.filter(({ text }) => text.trimEnd().split('\n').length > 400);
  expect(long.map(({ file }) => file)).toEqual([]);
});

test('help is there before anything else is loaded: the program imports commands only when they are called', () => {
  const program = sources.filter(({ file }) => file === 'cli.ts' || inRoom(file, 'cli'));
  const needed = program.flatMap((source) => source.needed);
  expect(needed.filter((target) => !target.startsWith('node:') && !inRoom(target, 'cli'))).toEqual([]);
});
