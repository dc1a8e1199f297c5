import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { messageOf, usageError } from '../run/errors.ts';
import { environmentOfBranch } from './branches.ts';
import { checkTree, parseYaml } from './document.ts';
import { chooseEnvironment, DEFAULT_ENVIRONMENT, environmentNames } from './environments.ts';
import { checkFiles, similarFile } from './files.ts';
import { FILE_NAME, findProjectFile } from './find.ts';
import { knownKeys } from './known.ts';
import { Problems } from './problems.ts';
import { checkScaling } from './scaling.ts';
import { type Project, projectSchema } from './schema.ts';
import { substituteVariables } from './variables.ts';

/** Which project is loaded, and for what environment. */
export interface LoadOptions {
  /** Where to look for bake.yaml: here, then in each parent. */
  directory: string;
  /** Another file, relative to `directory`. */
  file?: string;
  /** Default: that of the branch, or none. */
  environment?: string;
  /** For `${env.NAME}`; GITHUB_REF_NAME and GITHUB_REF_TYPE tell the branch in a job of GitHub Actions. */
  variables: Record<string, string | undefined>;
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

  const expected = 'expected a map of keys such as "project", "image" and "fleet"';
  let tree = parseYaml(source, problems, expected);
  const ofBranch = environmentOfBranch(tree, directory, options.variables, problems);
  const environment = options.environment ?? ofBranch ?? DEFAULT_ENVIRONMENT;
  const environments = environmentNames(tree);
  tree = chooseEnvironment(tree, environment, problems);
  tree = substituteVariables(tree, options.variables, source, problems);
  const config = checkTree(tree, projectSchema, knownKeys, problems);
  checkFiles(tree, directory, problems);
  if (!config || !problems.none) throw problems.error();
  const project = { config, directory, file, environment, environments };
  checkScaling(project);
  return project;
}

function locate({ directory, file }: LoadOptions): string {
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory())
    throw usageError(`there is no directory ${directory}`, 'Name another with -C DIR.');
  if (file !== undefined) {
    const named = resolve(directory, file);
    if (existsSync(named)) return named;
    throw usageError(
      `there is no file ${named}${similarFile(directory, file)}`,
      'Name another with --file FILE.',
    );
  }
  const found = findProjectFile(directory);
  if (found === undefined)
    throw usageError(
      `no ${FILE_NAME} in ${resolve(directory)} or above it`,
      "Change to the project's directory, name it with -C DIR or --file FILE, or write one: `bake init`.",
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
