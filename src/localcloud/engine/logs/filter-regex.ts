import { invalidParameter } from './records.ts';

export type Regexes = (source: string) => RegExp;

/**
 * Compiles the regular expressions of one filter pattern: two at most, letters, digits, `:_#=@/;,-` and the operators
 * `^ $ ? [ ] { } | \ * + .` only; no groups. Source: CloudWatch Logs, "Supported regular expressions (regex) syntax".
 * @throws InvalidParameterException
 */
export function regexes(): Regexes {
  let count = 0;
  return (source) => {
    if (++count > 2) throw invalidParameter('A filter pattern has two regular expressions at most.');
    const invalid = /[^\w:#=@/;,^$?[\]{}|\\*+.-]/.exec(source);
    if (invalid) throw invalidParameter(`Invalid character(s) in term '${invalid[0]}'`);
    try {
      return new RegExp(source);
    } catch {
      throw invalidParameter('Invalid regular expression in filter pattern');
    }
  };
}
