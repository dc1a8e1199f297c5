import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Document, isScalar, parse, visit } from 'yaml';
import type { Known } from '../config/known.ts';
import { NAME } from './keys.ts';

/** How a key is used. */
export interface Example {
  /** The key with what it stands in, as plain data. */
  value: unknown;
  /** The file that it is taken from, where it is; else it is made of what the schema says. */
  file?: string;
}

const examples = new URL('../../examples/', import.meta.url);

/** The simplest comes first. */
const FIRST = 'quickstart';

/** The bake.yaml files of the systems that come with bake, read one by one. Throws the errors of `node:fs` and of the parser. */
export function* shippedConfigurations(): Generator<{ file: string; content: unknown }> {
  const names = readdirSync(examples).sort((a, b) => Number(b === FIRST) - Number(a === FIRST));
  for (const name of names) {
    const file = `examples/${name}/bake.yaml`;
    if (statSync(inPackage(file), { throwIfNoEntry: false })?.isFile())
      yield { file, content: parse(readFileSync(inPackage(file), 'utf8')) };
  }
}

const inPackage = (file: string): string => fileURLToPath(new URL(`../../${file}`, import.meta.url));

/**
 * An example of the key at a path (`image.layers[].name`): from a system that comes with bake where one uses it, because that one is
 * tested; else made of its schema.
 */
export function exampleOf(
  path: string,
  schema: Known,
  configurations: Iterable<{ file: string; content: unknown }> = shippedConfigurations(),
): Example | undefined {
  const steps = stepsOf(path);
  for (const { file, content } of configurations) {
    const value = taken(content, steps);
    if (value !== undefined) return { value, file };
  }
  const value = made(schema);
  return value === undefined ? undefined : { value: wrapped(steps, value) };
}

/** `image`, `layers`, LIST, `name` */
type Step = string | typeof LIST;
const LIST = Symbol('each of a list');

const stepsOf = (path: string): Step[] =>
  path.split('.').flatMap((step) => {
    const name = step.replaceAll('[]', '');
    return [name, ...Array<Step>((step.length - name.length) / 2).fill(LIST)];
  });

/** The first value there is at a path, with only the way to it. */
function taken(content: unknown, [step, ...rest]: Step[]): unknown {
  if (step === undefined) return content ?? undefined;
  const inside = (value: unknown) => taken(value, rest);
  if (step === LIST) {
    if (!Array.isArray(content)) return undefined;
    const found = content.map(inside).find((value) => value !== undefined);
    return found === undefined ? undefined : [found];
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return undefined;
  for (const [name, value] of Object.entries(content)) {
    if (name !== step && step !== NAME) continue;
    const found = inside(value);
    if (found !== undefined) return { [name]: found };
  }
  return undefined;
}

/** Something that the schema allows, and that says something; undefined where nobody but the user knows. */
function made(schema: Known): unknown {
  const [example] = Array.isArray(schema.examples) ? schema.examples : [];
  if (example !== undefined) return example;
  if (schema.enum) return schema.enum.find((word) => word !== schema.default) ?? schema.enum[0];
  if (schema.type === 'boolean') return schema.default !== true;
  const { default: usual } = schema;
  if (usual !== undefined && typeof usual !== 'object') return usual;
  if (schema.type === 'integer') return schema.minimum;
  if (schema.type !== 'array' || !schema.items) return undefined;
  const item = made(schema.items);
  return item === undefined ? undefined : [item];
}

function wrapped([step, ...rest]: Step[], value: unknown): unknown {
  if (step === undefined) return value;
  return step === LIST ? [wrapped(rest, value)] : { [step]: wrapped(rest, value) };
}

/** So many lines show what a key is; more are a configuration. */
const MOST_LINES = 24;

/** As it would be written in bake.yaml, indented; lists of plain values in one line. */
export function yamlLines(value: unknown): string[] {
  const document = new Document(value);
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  const lines = document.toString({ lineWidth: 0, flowCollectionPadding: false }).trimEnd().split('\n');
  const shown = lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES), '…'];
  return shown.map((line) => `  ${line}`);
}
