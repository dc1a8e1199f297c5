import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseDocument, type YAMLParseError } from 'yaml';
import type { z } from 'zod';
import { messageOf, usageError } from '../run/errors.ts';
import { chooseEnvironment } from './environments.ts';
import { checkFiles } from './files.ts';
import { knownKeys } from './known.ts';
import { Problems } from './problems.ts';
import { type Project, type ProjectConfig, projectSchema } from './schema.ts';
import { mapScalars, type Path, plainValue, type Tree, treeOf } from './tree.ts';
import { substituteVariables } from './variables.ts';
import { explain } from './words.ts';

export interface LoadOptions {
  /** Where to look for bake.yaml: here, then in each parent. */
  directory: string;
  /** Another file, relative to `directory`. */
  file?: string;
  environment?: string;
  /** For `${env.NAME}`. */
  variables: Record<string, string | undefined>;
}

const FILE_NAME = 'bake.yaml';

/** The nearest bake.yaml at or above a directory, or undefined. */
export function findProjectFile(directory: string): string | undefined {
  for (let here = resolve(directory); ; here = dirname(here)) {
    const file = join(here, FILE_NAME);
    if (existsSync(file)) return file;
    if (here === dirname(here)) return undefined;
  }
}

/**
 * Loads, merges and checks bake.yaml and the files it names. Throws one usage error (exit code 2) that tells everything
 * that is wrong: the first problem as its message, the others as details, each as `bake.yaml:LINE:COLUMN: key: what`.
 */
export function loadProject(options: LoadOptions): Project {
  const file = locate(options);
  const source = read(file);
  const directory = dirname(file);
  const problems = new Problems(relative(options.directory, file) || file);

  let tree = parse(source, problems);
  tree = chooseEnvironment(tree, options.environment, problems);
  tree = substituteVariables(tree, options.variables, source, problems);
  const config = check(tree, problems);
  checkFiles(tree, directory, problems);
  if (!config || !problems.none) throw problems.error();
  return { config, directory, file, environment: options.environment ?? 'default' };
}

function locate({ directory, file }: LoadOptions): string {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw usageError(`no directory ${directory}`);
  if (file !== undefined) return resolve(directory, file);
  const found = findProjectFile(directory);
  if (found === undefined)
    throw usageError(
      `no ${FILE_NAME} in ${resolve(directory)} or above it`,
      `Change to the project's directory, or name it with -C DIR or --file FILE.`,
    );
  return found;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw usageError(`cannot read ${file}: ${messageOf(error)}`);
  }
}

/** Stops at broken YAML: what a parser makes of the rest would only mislead. */
function parse(source: string, problems: Problems): Tree {
  const document = parseDocument(source, { lineCounter: problems.lines, prettyErrors: false });
  const first = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  for (const error of document.errors)
    if (error === first || error.code === 'DUPLICATE_KEY')
      problems.add(error.pos, [], yamlMessage(error, source));
  if (!problems.none) throw problems.error();

  const tree = treeOf(document, (span, message) => problems.add(span, [], message));
  if (tree.kind !== 'map')
    problems.add(tree.span, [], 'expected a map of keys such as "project", "image" and "fleet"');
  if (!problems.none) throw problems.error();
  return tree;
}

function yamlMessage({ code, message, pos }: YAMLParseError, source: string): string {
  if (code === 'MULTIPLE_DOCS') return 'only one YAML document is allowed';
  const line = source.slice(source.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0];
  return line?.includes('${') ? `${message} (within { } and [ ] a value with \${…} needs quotes)` : message;
}

function check(tree: Tree, problems: Problems): ProjectConfig | undefined {
  const typed = withTypesOfVariables(tree);
  const result = projectSchema.safeParse(plainValue(typed));
  if (result.success) return result.data;
  explain(result.error.issues, typed, knownKeys(), problems);
  return undefined;
}

/** `min: ${env.MIN}` is a number when a number is expected there: what a variable gave is typed by the schema. */
function withTypesOfVariables(tree: Tree): Tree {
  const wanted = new Set<string>();
  const collect = (issues: readonly z.core.$ZodIssue[], above: Path) => {
    for (const issue of issues) {
      const path = [...above, ...issue.path];
      if (issue.code === 'invalid_type') wanted.add(path.join('\0'));
      if (issue.code === 'invalid_union') for (const form of issue.errors) collect(form, path);
    }
  };
  collect(projectSchema.safeParse(plainValue(tree)).error?.issues ?? [], []);
  return mapScalars(tree, (scalar, path) =>
    scalar.substituted && wanted.has(path.join('\0'))
      ? { ...scalar, value: typed(scalar.value as string) }
      : scalar,
  );
}

function typed(text: string): unknown {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  return text === 'true' || text === 'false' ? text === 'true' : text;
}
