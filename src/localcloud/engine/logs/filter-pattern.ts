import { parseFieldPattern } from './filter-fields.ts';
import { type Matcher, parseJsonPattern } from './filter-json.ts';
import { type Regexes, regexes } from './filter-regex.ts';
import { invalidParameter } from './records.ts';

/**
 * A filter pattern of CloudWatch Logs. Source: its user guide, "Filter pattern syntax".
 * - Nothing, or `" "`: everything.
 * - `ERROR timeout`: both terms, case-sensitive, anywhere in the message (so ERROR also matches ERROR_COUNT=0).
 *   Terms of other characters than letters, digits and underscores stand in double quotes: `"a phrase"`.
 * - `-DEBUG`: not this term. `?ERROR ?WARN`: any of these; beside other terms AWS ignores the optional ones, and so do we.
 * - `%regex%`: see filter-regex.ts. `{ $.level = "ERROR" }`: JSON, see filter-json.ts.
 * - `[ip, user, ..., status=4*]`: space-delimited fields, see filter-fields.ts.
 * @throws InvalidParameterException
 */
export function parseFilterPattern(text: string): Matcher {
  const pattern = text.trim();
  if (pattern.length > 1_024) throw invalidParameter('A filter pattern has 1024 characters at most.');
  if (pattern.startsWith('[')) {
    if (!pattern.endsWith(']'))
      throw invalidParameter("If a filter pattern starts with '[' it must end with ']'");
    return parseFieldPattern(pattern.slice(1, -1));
  }
  if (!pattern.startsWith('{')) return parseTerms(pattern);
  if (!pattern.endsWith('}'))
    throw invalidParameter("If a filter pattern starts with '{' it must end with '}'");
  return parseJsonPattern(pattern.slice(1, -1));
}

const TERM = /([?-]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"%]+))\s*/y;

function parseTerms(pattern: string): Matcher {
  const required: Matcher[] = [];
  const excluded: Matcher[] = [];
  const optional: Matcher[] = [];
  const compile = regexes();
  TERM.lastIndex = 0;
  while (TERM.lastIndex < pattern.length) {
    const match = TERM.exec(pattern);
    if (!match) throw invalidParameter('Invalid filter pattern');
    const [, prefix, phrase, regex, word] = match;
    const list = prefix === '-' ? excluded : prefix === '?' ? optional : required;
    list.push(termMatcher(compile, phrase, regex, word));
  }
  if (required.length === 0 && excluded.length === 0 && optional.length > 0)
    return (message) => optional.some((matches) => matches(message));
  return (message) =>
    required.every((matches) => matches(message)) && !excluded.some((matches) => matches(message));
}

function termMatcher(compile: Regexes, phrase?: string, regex?: string, word?: string): Matcher {
  if (regex !== undefined) {
    const expression = compile(regex);
    return (message) => expression.test(message);
  }
  if (word !== undefined) {
    const invalid = /[^\p{L}\p{N}_]+/u.exec(word);
    if (invalid) throw invalidParameter(`Invalid character(s) in term '${invalid[0]}'`);
  }
  const term = word ?? (phrase as string).replace(/\\(.)/g, '$1');
  return (message) => term.trim() === '' || message.includes(term);
}
