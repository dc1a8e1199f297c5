import { isSecretName } from '../../run/secret-names.ts';

const MASK = '***';
/** `NAME=value`, `name: value`, `"name": "value"`, `--name value`, `--name=value`. */
const ASSIGNMENT = /(["']?)([A-Za-z_][\w.-]*)\1(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"',;&|]+)/g;
const FLAG = /(--?)([A-Za-z][\w-]*)(\s+)("[^"]*"|'[^']*'|[^\s"'-][^\s"']*)/g;
/** Secrets by their looks: access keys of AWS, tokens of GitHub and Slack, a password within a URL, an authorization header. */
const BY_LOOKS =
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}\b|\bxox[abprs]-[A-Za-z0-9-]{10,}|(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)|(?<=\b(?:Bearer|Basic)\s)[A-Za-z0-9+/=._~-]{8,}/g;

/**
 * The lines of a script or a configuration file with what is likely a secret masked: values of names such as DB_PASSWORD, keys and tokens
 * that look like such, the inside of private keys. A line stays a line. What a shell fills in (`$X`, `$(…)`) is no secret yet. Pure.
 */
export function maskLines(text: string): string[] {
  let inKey = false;
  return text.split('\n').map((line) => {
    if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(line)) inKey = true;
    else if (inKey && /-----END /.test(line)) inKey = false;
    else if (inKey) return MASK;
    return maskLine(line);
  });
}

export const maskLine = (line: string): string =>
  line
    .replace(ASSIGNMENT, (whole, quote: string, name: string, between: string, value: string) =>
      isSecretName(name) && !isReference(value) ? `${quote}${name}${quote}${between}${masked(value)}` : whole,
    )
    .replace(FLAG, (whole, dashes: string, name: string, between: string, value: string) =>
      isSecretName(name) && !isReference(value) ? `${dashes}${name}${between}${masked(value)}` : whole,
    )
    .replace(BY_LOOKS, MASK);

const isReference = (value: string) => /^["']?[$`]/.test(value);

function masked(value: string): string {
  const quote = /^["']/.exec(value)?.[0] ?? '';
  return `${quote}${MASK}${quote}`;
}
