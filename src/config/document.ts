import { parseDocument, type YAMLParseError } from 'yaml';
import type { z } from 'zod';
import type { Known } from './known.ts';
import type { Problems } from './problems.ts';
import { mapScalars, type Path, plainValue, type Tree, treeOf } from './tree.ts';
import { explain } from './words.ts';

/** Reads YAML. Stops at broken YAML, with what is wrong: what a parser makes of the rest would only mislead. */
export function parseYaml(source: string, problems: Problems, expected: string): Tree {
  const document = parseDocument(source, { lineCounter: problems.lines, prettyErrors: false });
  const first = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  for (const error of document.errors)
    if (error === first || error.code === 'DUPLICATE_KEY')
      problems.add(error.pos, [], yamlMessage(error, source));
  if (!problems.none) throw problems.error();

  const tree = treeOf(document, (span, message) => problems.add(span, [], message));
  if (tree.kind !== 'map') problems.add(tree.span, [], expected);
  if (!problems.none) throw problems.error();
  return tree;
}

function yamlMessage({ code, message, pos }: YAMLParseError, source: string): string {
  if (code === 'MULTIPLE_DOCS') return 'only one YAML document is allowed';
  const line = source.slice(source.lastIndexOf('\n', pos[0] - 1) + 1).split('\n', 1)[0];
  return line?.includes('${') ? `${message} (within { } and [ ] a value with \${…} needs quotes)` : message;
}

/**
 * What the schema makes of the tree, or undefined with every problem told. `known`: the schema's input form as a JSON schema, which takes
 * its time and is asked for only then.
 */
export function checkTree<S extends z.ZodType>(
  tree: Tree,
  schema: S,
  known: () => Known,
  problems: Problems,
): z.output<S> | undefined {
  const typed = withTypesOfVariables(tree, schema);
  const result = schema.safeParse(plainValue(typed));
  if (result.success) return result.data;
  explain(result.error.issues, typed, known(), problems);
  return undefined;
}

/** `min: ${env.MIN}` is a number when a number is expected there: what a variable gave is typed by the schema. */
function withTypesOfVariables(tree: Tree, schema: z.ZodType): Tree {
  const wanted = new Set<string>();
  const collect = (issues: readonly z.core.$ZodIssue[], above: Path) => {
    for (const issue of issues) {
      const path = [...above, ...issue.path];
      if (issue.code === 'invalid_type') wanted.add(path.join('\0'));
      if (issue.code === 'invalid_union') for (const form of issue.errors) collect(form, path);
    }
  };
  collect(schema.safeParse(plainValue(tree)).error?.issues ?? [], []);
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
