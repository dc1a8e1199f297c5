import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CAUSES } from '../../src/upkeep/diagnose/finding.ts';
import { repository } from '../helpers/cli.ts';

const page = readFileSync(join(repository, 'docs/troubleshooting.md'), 'utf8');

/** All that the program may say, with `…` for what is put in. */
const words = readdirSync(join(repository, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(repository, 'src', file), 'utf8'))
  .join('\n')
  .replaceAll('\\${', '${')
  .replaceAll('${FILE_NAME}', 'bake.yaml');

const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title)) ?? '';

/** The words in the first column of the tables. */
const symptoms = page
  .split(/^## /m)
  .filter((part) => !part.startsWith('When the fleet is unhealthy'))
  .flatMap((part) => [...part.matchAll(/^\| (.*?) \| /gm)])
  .flatMap(([, cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, symptom]) => symptom!));

test('every symptom is in words that the program says', () => {
  expect(symptoms.length).toBeGreaterThan(40);
  const unsaid = symptoms.flatMap((symptom) =>
    symptom
      // What a wait that is over says is put together.
      .split(/…|(?=: not after)/)
      .map((fragment) => fragment.replace(/^[\s:,()"}]+|[\s:,()"]+$/g, ''))
      .filter((fragment) => fragment.length > 3 && !words.includes(fragment))
      .map((fragment) => `${symptom}: ${fragment}`),
  );
  expect(unsaid).toEqual([]);
});

test('every cause that bake diagnose names is explained, in its order', () => {
  const causes = [...section('When the fleet is unhealthy').matchAll(/^\| `([^`]+)` \|/gm)];
  expect(causes.map(([, cause]) => cause)).toEqual([...CAUSES]);
});

test('every command that it says to type exists', async () => {
  const { createProgram } = await import('../../src/cli/program.ts');
  const names = (await createProgram()).commands.map((command) => command.name());
  const typed = [...page.matchAll(/`bake ([a-z-]+)/g)].map(([, name]) => name!);
  expect(typed.filter((name) => !names.includes(name))).toEqual([]);
});
