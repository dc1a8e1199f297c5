import type { z } from 'zod';
import { didYouMean, type Known, knownAt, tellingKeys } from './known.ts';
import type { Problems } from './problems.ts';
import { at, type Path, plainValue, type Span, type Tree } from './tree.ts';

type Issue = z.core.$ZodIssue;

/** Says in words what the schema found wrong, each at the place in the file where it can be put right. */
export function explain(issues: readonly Issue[], tree: Tree, schema: Known, problems: Problems): void {
  for (const issue of issues) explainOne(issue, issue.path, tree, schema, problems);
}

function explainOne(issue: Issue, path: Path, tree: Tree, schema: Known, problems: Problems): void {
  const found = at(tree, path);
  const known = knownAt(schema, path);
  if (issue.code === 'unrecognized_keys') unknownKeys(issue.keys, path, tree, known, problems);
  else if (!found) missing(path, tree, known, problems);
  else if (issue.code === 'invalid_union') explainForms(issue, path, found, tree, schema, problems);
  else {
    const got = `got ${shown(found.value)}${quotesHint(issue, found.value)}`;
    problems.add(found.value.span, path, `${expected(issue, known)}, ${got}`);
  }
}

/** At the map that ought to have it. */
function missing(path: Path, tree: Tree, known: Known[], problems: Problems): void {
  const parent = path.slice(0, -1);
  const place = at(tree, parent);
  const kind = known[0] ? ` (${kindOf(known[0])})` : '';
  problems.add(
    place?.key ?? place?.value.span ?? [0, 0],
    parent,
    `missing key "${String(path.at(-1))}"${kind}`,
  );
}

function unknownKeys(
  keys: readonly string[],
  path: Path,
  tree: Tree,
  known: Known[],
  problems: Problems,
): void {
  const candidates = known.flatMap((form) => Object.keys(form.properties ?? {}));
  if (path.length === 0) candidates.push('environments');
  for (const key of keys) {
    const place = at(tree, [...path, key]);
    problems.add(place?.key ?? [0, 0], path, `unknown key "${key}"${didYouMean(key, candidates)}`);
  }
}

/** One of several forms was expected: finds out which one is meant and speaks of that one alone. */
function explainForms(
  issue: Issue & { code: 'invalid_union' },
  path: Path,
  found: { value: Tree; key?: Span },
  tree: Tree,
  schema: Known,
  problems: Problems,
): void {
  const forms = knownAt(schema, path).flatMap((known) => known.anyOf ?? []);
  const telling = tellingKeys(forms);
  const unclear = unclearForm(found, telling);
  if (unclear) {
    problems.add(unclear.span, path, unclear.message);
    return;
  }
  const meant = telling.findIndex((name) => at(found.value, [name]));
  for (const inner of issue.errors[meant] ?? []) {
    if (inner.code === 'unrecognized_keys' && inner.path.length === 0)
      unknownKeys(inner.keys, path, tree, [forms[meant] as Known], problems);
    else explainOne(inner, [...path, ...inner.path], tree, schema, problems);
  }
}

function unclearForm(
  { value, key }: { value: Tree; key?: Span },
  telling: string[],
): { span: Span; message: string } | undefined {
  if (value.kind !== 'map')
    return { span: value.span, message: `expected a map with ${oneOf(telling)}, got ${shown(value)}` };
  const keyOf = (name: string) => value.entries.get(name)?.key ?? value.span;
  const given = telling.filter((name) => value.entries.has(name));
  const [, second] = given;
  if (second !== undefined)
    return { span: keyOf(second), message: `only one of ${listed(given.map(quoted), 'and')} can be given` };
  if (given.length === 1) return undefined;
  const typo = [...value.entries.keys()].find((name) => didYouMean(name, telling) !== '');
  const message = `expected ${oneOf(telling)}`;
  return typo === undefined
    ? { span: key ?? value.span, message }
    : { span: keyOf(typo), message: `${message}; unknown key "${typo}"${didYouMean(typo, telling)}` };
}

function expected(issue: Issue, known: Known[]): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${known[0] ? kindOf(known[0]) : issue.expected}`;
    case 'invalid_value':
      return `expected ${listed(issue.values.map(String), 'or')}`;
    case 'too_small':
      return `expected at least ${issue.minimum}${issue.origin === 'array' ? ' in the list' : ''}`;
    case 'too_big':
      return `expected at most ${issue.maximum}${issue.origin === 'array' ? ' in the list' : ''}`;
    default:
      // Patterns and checks carry their own words: "a duration such as 90s, 5m or 2h".
      return `expected ${issue.message}`;
  }
}

const KINDS: Record<string, string> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
};

function kindOf(known: Known): string {
  if (known.anyOf) return `a map with ${oneOf(tellingKeys(known.anyOf))}`;
  if (known.enum) return listed(known.enum, 'or');
  return KINDS[known.type ?? ''] ?? 'a value';
}

/** The value as it was written, in at most 60 characters. */
function shown(tree: Tree): string {
  const value = plainValue(tree);
  if (value === null) return 'nothing';
  if (tree.kind === 'map' && tree.entries.size === 0) return 'an empty map';
  const text = JSON.stringify(value)
    .replaceAll('":', '": ')
    .replaceAll(/,(?=["\d{[])/g, ', ');
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}

/** YAML reads `1.20` as a number: where text is expected, quotes make it text. */
const quotesHint = (issue: Issue, tree: Tree): string =>
  issue.code === 'invalid_type' &&
  issue.expected === 'string' &&
  tree.kind === 'scalar' &&
  tree.value !== null
    ? ' (put it in quotes)'
    : '';

const quoted = (text: string) => `"${text}"`;
const oneOf = (names: string[]) => `one of the keys ${listed(names, 'or')}`;
const listed = (names: readonly string[], word: 'and' | 'or'): string =>
  names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
