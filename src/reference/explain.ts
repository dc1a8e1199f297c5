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
  keys: { name: string; description: string; required: boolean }[];
}

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
  const { forms, required } = key;
  return {
    key: key.path,
    description: key.schema.description ?? '',
    type: typeWords(key.schema),
    default: defaultWords(key.schema),
    required,
    ...(forms.length > 0 && !forms.includes(key.name) && { onlyWith: forms }),
    example: exampleOf(key.path, key.schema),
    perEnvironment: !key.path.startsWith('environments'),
    keys: keysOf(key.schema, key.path).map(child),
  };
}

const child = ({ name, schema, required }: Key) => ({
  name,
  description: schema.description ?? (name === NAME ? 'a name of yours' : ''),
  required,
});

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
    lines.push(
      `  ${one.name.padEnd(longest)}  ${one.required ? '(required) ' : ''}${sentence(one.description)}`,
    );
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

/** The first one: lists want one line. */
const sentence = (text: string): string => text.split(/(?<=\.) (?=[A-Z])/, 1)[0] ?? '';
