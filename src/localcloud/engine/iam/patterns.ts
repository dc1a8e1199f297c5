/** What a request says of itself: condition keys in lower case, one value or several. */
export type Context = Record<string, string | string[]>;

/** Names of keys are compared without regard to case. */
export const inLowerCase = (context: Context): Context =>
  Object.fromEntries(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));

export const contextValues = (context: Context, key: string): string[] | undefined => {
  const value = context[key.toLowerCase()];
  return value === undefined || Array.isArray(value) ? value : [value];
};

/**
 * A pattern with `*` and `?` and policy variables (`${aws:username}`, with a default `${key, 'x'}`; `${*}` is a plain star)
 * as a regular expression over the whole text; undefined when a variable has no value: then nothing matches.
 * Source: IAM "IAM policy elements: Variables and tags".
 */
export function patternOf(
  pattern: string,
  context: Context,
  options: { wildcards: boolean; ignoreCase?: boolean },
): RegExp | undefined {
  let source = '';
  for (const [part, variable] of pattern.matchAll(/\$\{([^}]+)\}|./gs)) {
    if (variable !== undefined) {
      const value = variableValue(variable, context);
      if (value === undefined) return undefined;
      source += escaped(value);
    } else if (options.wildcards && part === '*') source += '.*';
    else if (options.wildcards && part === '?') source += '.';
    else source += escaped(part);
  }
  return new RegExp(`^${source}$`, options.ignoreCase ? 'is' : 's');
}

function variableValue(variable: string, context: Context): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable;
  const [, key = '', otherwise] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(variable) ?? [];
  const values = contextValues(context, key);
  return values?.length === 1 ? values[0] : otherwise;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
