import { usageError } from '../run/errors.ts';

/** What the placeholders of a user data file stand for. */
export interface RenderValues {
  release: string;
  project: string;
  environment: string;
  region: string;
  image: string;
  vars: Record<string, string>;
}

/** Exactly bake's own placeholders, so that the shell's `${HOME}` stays the shell's; one more `$` in front escapes one. */
const PLACEHOLDER = /(\$?)\$\{(release|project|environment|region|image|vars\.[A-Za-z0-9_-]+)\}/g;

/**
 * Fills in `${release}`, `${project}`, `${environment}`, `${region}`, `${image}` and `${vars.NAME}`; everything else is left as it is.
 * Refuses (exit code 2) a variable that the configuration does not define, and what is longer than `largest` bytes.
 */
export function renderUserData(file: string, text: string, values: RenderValues, largest: number): string {
  const rendered = text.replace(PLACEHOLDER, (whole, escaped: string, name: string) => {
    if (escaped) return whole.slice(1);
    return name.startsWith('vars.')
      ? variable(file, name.slice(5), values.vars)
      : (values[name as keyof RenderValues] as string);
  });
  const bytes = Buffer.byteLength(rendered);
  if (bytes > largest) {
    throw usageError(
      `user data ${file} is ${bytes} bytes long with its values; the cloud takes at most ${largest}`,
      'Bake what is long into the image and keep only settings in the user data.',
    );
  }
  return rendered;
}

function variable(file: string, name: string, vars: Record<string, string>): string {
  const value = vars[name];
  if (value !== undefined) return value;
  const known = Object.keys(vars);
  throw usageError(
    `user data ${file} uses \${vars.${name}}, which fleet.variables does not define`,
    known.length > 0
      ? `Defined: ${known.join(', ')}.`
      : 'Define it under fleet.variables, or write $${…} for a literal.',
  );
}
