import { execFileSync } from 'node:child_process';
import { DEFAULT_ENVIRONMENT, environmentNames } from './environments.ts';
import { nearest } from './known.ts';
import type { Problems } from './problems.ts';
import { at, type Span, type Tree } from './tree.ts';

/** Branches of release pull requests, unless bake.yaml calls them otherwise. */
const RELEASE_BRANCH = 'deployment/{environment}';

/**
 * The environment that belongs to the branch: what `branches` says, else the one whose release branch it is. Undefined where no branch
 * is checked out, or nothing is said of it. The branch is GitHub's, in a job of GitHub Actions, or that of the checkout.
 */
export function environmentOfBranch(
  root: Tree,
  directory: string,
  variables: Record<string, string | undefined>,
  problems: Problems,
): string | undefined {
  const environments = environmentNames(root);
  const rules = rulesOf(at(root, ['branches'])?.value, environments, problems);
  if (rules.length === 0 && environments.length === 0) return undefined;
  const branch = branchOf(directory, variables);
  if (branch === undefined) return undefined;
  for (const { pattern, environment } of rules) {
    const match = matcher(pattern, '*').exec(branch);
    if (match) return environment.replace('*', match[1] ?? '*');
  }
  const release = at(root, ['release', 'branch'])?.value;
  const pattern = release?.kind === 'scalar' ? String(release.value) : RELEASE_BRANCH;
  const [, named] = matcher(pattern, '{environment}').exec(branch) ?? [];
  return named !== undefined && environments.includes(named) ? named : undefined;
}

interface Rule {
  pattern: string;
  environment: string;
}

/** What `branches` says, in its order. An environment that is not there is a problem at once, not on the day that its branch comes. */
function rulesOf(branches: Tree | undefined, environments: string[], problems: Problems): Rule[] {
  if (branches?.kind !== 'map') return [];
  return [...branches.entries].flatMap(([pattern, { value }]) => {
    if (value.kind !== 'scalar' || typeof value.value !== 'string') return [];
    const environment = value.value;
    const complain = (what: string, span: Span = value.span) =>
      problems.add(span, ['branches', pattern], what);
    if (environment.includes('*') && !pattern.includes('*')) complain('there is no * in the branch');
    else if (!environment.includes('*') && ![...environments, DEFAULT_ENVIRONMENT].includes(environment)) {
      const near = nearest(environment, environments);
      complain(`no environment "${environment}"${near === undefined ? '' : `, did you mean "${near}"?`}`);
    }
    return [{ pattern, environment }];
  });
}

/** Matches names in which something stands for the placeholder, and tells what. */
function matcher(pattern: string, placeholder: string): RegExp {
  const parts = pattern.split(placeholder).map((part) => part.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'));
  return new RegExp(`^${parts.join('(.+)')}$`);
}

function branchOf(
  directory: string,
  { GITHUB_REF_TYPE, GITHUB_REF_NAME }: Record<string, string | undefined>,
): string | undefined {
  // A tag is no branch, and of a pull request GitHub checks out "12/merge": neither has an environment.
  if (GITHUB_REF_TYPE !== undefined) return GITHUB_REF_TYPE === 'branch' ? GITHUB_REF_NAME : undefined;
  try {
    const asked = { cwd: directory, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('git', ['symbolic-ref', '--short', '--quiet', 'HEAD'], asked).trim();
  } catch {
    return undefined;
  }
}
