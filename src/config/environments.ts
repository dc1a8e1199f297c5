import { usageError } from '../run/errors.ts';
import { knownAt, knownKeys, nearest, tellingKeys } from './known.ts';
import type { Problems } from './problems.ts';
import { at, merge, type Path, type Tree } from './tree.ts';

/** The name of the configuration without any environment's overrides. */
export const DEFAULT_ENVIRONMENT = 'default';

/**
 * The configuration for one environment: what `environments.NAME` says over everything else. The name "default" means everything else
 * alone, unless an environment is called so. Throws a usage error when there is no such environment.
 */
export function chooseEnvironment(root: Tree, wanted: string | undefined, problems: Problems): Tree {
  if (root.kind !== 'map') return root;
  const name = wanted ?? DEFAULT_ENVIRONMENT;
  const { environments, ...rest } = Object.fromEntries(root.entries);
  const base: Tree = { ...root, entries: new Map(Object.entries(rest)) };
  if (environments && environments.value.kind !== 'map') {
    problems.add(environments.key, ['environments'], 'expected a map of environments');
    return base;
  }
  const override = environments && at(environments.value, [name]);
  if (!override && name === DEFAULT_ENVIRONMENT) return base;
  if (!override) throw unknownEnvironment(name, environmentNames(root));
  if (override.value.kind === 'map') return merge(base, override.value, replacesForm());
  if (override.value.kind === 'list' || override.value.value !== null)
    problems.add(override.key ?? override.value.span, ['environments', name], 'expected a map of overrides');
  return base;
}

/** The names under `environments`, in their order. */
export const environmentNames = (root: Tree): string[] => {
  const environments = at(root, ['environments'])?.value;
  return environments?.kind === 'map' ? [...environments.entries.keys()] : [];
};

function unknownEnvironment(name: string, known: string[]) {
  if (known.length === 0)
    return usageError(`no environment "${name}": bake.yaml names none`, 'Add it under "environments:".');
  const near = nearest(name, known);
  return usageError(
    `no environment "${name}"; there is ${known.join(', ')}`,
    near === undefined ? undefined : `Did you mean -e ${near}?`,
  );
}

/** Where one of several forms may stand (a base image by id or by filter), another form replaces the one below it. */
function replacesForm(): (path: Path, base: Tree, override: Tree) => boolean {
  const schema = knownKeys();
  return (path, base, override) =>
    knownAt(schema, path).some((known) => {
      const telling = tellingKeys(known.anyOf ?? []);
      return telling.some((key) => at(override, [key]) && !at(base, [key]));
    });
}
