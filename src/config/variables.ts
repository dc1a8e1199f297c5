import type { Problems } from './problems.ts';
import { mapScalars, type Tree } from './tree.ts';

/** `$${` (an escaped `${`), or `${env.…}`. Everything else in `${…}` belongs to others (`${smoke.id}`, `${vars.X}`). */
const REFERENCE = /\$\$\{|\$\{env\.([^}]*)(\}?)/g;
const NAME_AND_DEFAULT = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Replaces `${env.NAME}` and `${env.NAME:-default}` in every string value. The default serves, as in a shell,
 * when the variable is unset or empty. `$${` stands for `${`.
 */
export function substituteVariables(
  tree: Tree,
  variables: Record<string, string | undefined>,
  source: string,
  problems: Problems,
): Tree {
  return mapScalars(tree, (scalar, path) => {
    const { value, span } = scalar;
    if (typeof value !== 'string' || !value.includes('${')) return scalar;
    let searched = span[0];
    const text = value.replace(REFERENCE, (reference, inner: string | undefined, closed: string) => {
      // Where this reference stands in the file; a reference that the source spells differently is shown at its value.
      const found = source.slice(0, span[1]).indexOf(reference, searched);
      if (found >= 0) searched = found + reference.length;
      const place = [found >= 0 ? found : span[0], span[1]] as const;
      if (inner === undefined) return '${';
      const [, name, fallback] = NAME_AND_DEFAULT.exec(inner) ?? [];
      if (name === undefined || closed === '') {
        problems.add(place, path, `expected \${env.NAME} or \${env.NAME:-default}, got ${reference}`);
        return reference;
      }
      const content = variables[name];
      if (content !== undefined && (content !== '' || fallback === undefined)) return content;
      if (fallback !== undefined) return fallback;
      problems.add(place, path, `environment variable ${name} is not set`);
      return reference;
    });
    return { ...scalar, value: text, substituted: text !== value };
  });
}
