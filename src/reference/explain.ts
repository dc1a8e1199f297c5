import { bakeJsonSchema } from '../config/json-schema.ts';
import { nearest } from '../config/known.ts';
import { usageError } from '../run/errors.ts';
import { type Example, exampleOf, yamlLines } from './example.ts';
import { allKeys, findKey, type Key, keysOf, NAME } from './keys.ts';
import { defaultWords, listed, typeWords } from './types.ts';

/** What there is to say of a key. Without a key: of bake.yaml as a whole. */
export interface Explanation {
  key?: string;
  description: string;
  type: string;
  /** As it would be written. */
  default?: string;
  required: boolean;
  /** Where one of several forms may stand: the keys that tell those which have this one. */
  onlyWith?: string[];
  example?: Example;
  /** Whether an environment may say otherwise. */
  perEnvironment: boolean;
  keys: { name: string; description: string; required: boolean; onlyWith?: string[] }[];
}

/** What chooses the environment cannot differ in it. */
const CHOOSING = ['environments', 'branches'];

/** What the schema says of a key. Throws a usage error that names the nearest one when there is no such key. */
export function explainKey(name: string | undefined): Explanation {
  const schema = bakeJsonSchema();
  if (name === undefined)
    return {
      description: 'The configuration of a project.',
      type: 'a map',
      required: true,
      perEnvironment: false,
      keys: keysOf(schema).map(child),
    };
  const key = lookUp(name);
  return {
    key: key.path,
    description: key.schema.description ?? '',
    type: typeWords(key.schema),
    default: defaultWords(key.schema),
    required: key.required,
    ...onlyWith(key),
    example: exampleOf(key.path, key.schema),
    perEnvironment: !CHOOSING.includes(key.path.split(/[.[]/, 1)[0]!),
    keys: keysOf(key.schema, key.path).filter(isWorthAWord).map(child),
  };
}

/** A map of names to plain values says already what its values are. */
const isWorthAWord = ({ name, schema }: Key): boolean => name !== NAME || keysOf(schema).length > 0;

const child = (key: Key) => ({
  name: key.name,
  description: key.schema.description ?? (key.name === NAME ? 'a name of yours' : ''),
  required: key.required,
  ...onlyWith(key),
});

/** Of one of several forms, the keys that tell those which have it. */
const onlyWith = ({ name, forms }: Key) =>
  forms.length > 0 && !forms.includes(name) ? { onlyWith: forms } : {};

/** By its whole name, or by its last words where only one key ends so. */
function lookUp(name: string): Key {
  const schema = bakeJsonSchema();
  const found = findKey(schema, name);
  if ('key' in found) return found.key;
  // What may be said in an environment, and of one of several images, is explained where it is said for all.
  const leave = ({ path }: Key) => path === 'environments' || path === 'images';
  const every = allKeys(schema, leave);
  const ending = plain(name);
  const ends = found.known ? [] : every.filter(({ path }) => `.${plain(path)}`.endsWith(`.${ending}`));
  const [only, ...more] = ends;
  if (only && more.length === 0) return only;
  if (only)
    throw usageError(
      `several keys are called ${name}`,
      `Say which: bake explain ${listed(ends.map(({ path }) => plain(path)))}`,
    );
  throw unknownKey(name, found, every);
}

const plain = (path: string): string => path.replaceAll('[]', '');

function unknownKey(
  name: string,
  { known, unknown, candidates }: { known: Key | undefined; unknown: string; candidates: string[] },
  every: Key[],
) {
  const here = known ? plain(known.path) : undefined;
  const near = nearest(unknown, candidates);
  const everywhere = every.map(({ path }) => plain(path));
  const last = every.find((key) => key.name === nearest(unknown, [key.name]));
  const suggestion =
    here === undefined
      ? (nearest(name, everywhere) ?? near ?? (last && plain(last.path)))
      : near && `${here}.${near}`;
  const message = here === undefined ? `no key "${name}"` : `no key "${unknown}" in ${here}`;
  const what = here === undefined ? 'bake explain' : `bake explain ${here}`;
  return usageError(
    message,
    suggestion === undefined
      ? `\`${what}\` lists what there is.`
      : `Did you mean: bake explain ${suggestion}`,
  );
}

/** An explanation, a line each. */
export function explanationLines(explanation: Explanation): string[] {
  const { key, description, keys, example, perEnvironment } = explanation;
  const lines = [key ?? 'bake.yaml', '', `  ${description}`, ''];
  const facts = Object.entries(factsOf(explanation));
  const width = Math.max(...facts.map(([fact]) => fact.length));
  for (const [fact, words] of facts) lines.push(`  ${fact.padEnd(width)}  ${words}`);
  if (keys.length > 0) lines.push('', `Keys (bake explain ${plain(key ?? '')}${key ? '.' : ''}KEY):`, '');
  const longest = Math.max(0, ...keys.map(({ name }) => name.length));
  for (const one of keys)
    lines.push(`  ${one.name.padEnd(longest)}  ${remark(one)}${sentence(one.description)}`);
  if (example)
    lines.push('', `Example${example.file ? ` (${example.file})` : ''}:`, '', ...yamlLines(example.value));
  if (perEnvironment) lines.push('', ...environmentLines(explanation));
  return lines;
}

/** Lists are replaced as a whole: one key of an entry cannot be said alone. */
function environmentLines({ key = '', keys, example }: Explanation): string[] {
  const list = key.split('[]', 1)[0];
  if (list !== key)
    return [`In one environment: ${list} is given anew, as a whole, under environments.NAME.${list}.`];
  if (!example || keys.length > 0)
    return [`In one environment: environments.NAME.${key}, merged with this one.`];
  return ['In one environment only:', '', ...yamlLines({ environments: { production: example.value } })];
}

function factsOf({ key, type, default: usual, required, onlyWith }: Explanation): Record<string, string> {
  if (key === undefined) return { file: '`bake.yaml`, here or in a parent directory; another with --file' };
  return {
    type,
    ...(usual !== undefined && { default: usual }),
    ...(required && { required: onlyWith ? `with ${listed(onlyWith)}` : 'yes' }),
    ...(!required && onlyWith && { only: `with ${listed(onlyWith)}` }),
    ...(/\btext\b|a duration|a size|number|true or/.test(type) && {
      variable: '"${env.NAME}" or "${env.NAME:-default}" takes it from the environment of bake',
    }),
  };
}

/** `(required)`, `(with upload, required)` */
function remark({ required, onlyWith = [] }: Explanation['keys'][0]): string {
  const words = [
    ...(onlyWith.length > 0 ? [`with ${listed(onlyWith)}`] : []),
    ...(required ? ['required'] : []),
  ];
  return words.length > 0 ? `(${words.join(', ')}) ` : '';
}

/** The first one: lists want one line. */
const sentence = (text: string): string => text.split(/(?<=\.) (?=[A-Z])/, 1)[0] ?? '';
