import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const SKIPPED =
  /^(\.|node_modules$|venv$|vendor$|dist$|build$|tmp$|log$|tests?$|spec$|__pycache__$|migrations$|coverage$|deploy$)/;
const MOST_FILES = 400;
const MOST_BYTES = 256 * 1024;

/** A project's directory, as far as detection reads it: source files by their paths, and their texts. */
export class Sources {
  readonly directory: string;
  #texts: Map<string, string> | undefined;
  readonly #endings: RegExp;

  constructor(directory: string, endings = /\.(py|js|mjs|cjs|ts|rb|ru)$/) {
    this.directory = directory;
    this.#endings = endings;
  }

  has = (path: string): boolean => existsSync(join(this.directory, path));

  /** The text of a file; "" when it is not there. */
  read(path: string): string {
    try {
      return readFileSync(join(this.directory, path), 'utf8');
    } catch {
      return '';
    }
  }

  /** Source files, relative; those of tests, packages and hidden directories are not read. */
  files = (): string[] => [...this.#all().keys()];

  text = (): string => [...this.#all().values()].join('\n');

  /** The first file that matches, with what matched. */
  find(pattern: RegExp): { file: string; match: RegExpExecArray } | undefined {
    for (const [file, text] of this.#all()) {
      const match = pattern.exec(text);
      if (match) return { file, match };
    }
    return undefined;
  }

  #all(): Map<string, string> {
    if (this.#texts) return this.#texts;
    const texts = new Map<string, string>();
    const walk = (directory: string) => {
      for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) =>
        a.name < b.name ? -1 : 1,
      )) {
        if (SKIPPED.test(entry.name) || texts.size >= MOST_FILES) continue;
        const path = join(directory, entry.name);
        if (entry.isDirectory()) walk(path);
        else if (entry.isFile() && this.#endings.test(entry.name) && statSync(path).size <= MOST_BYTES)
          texts.set(relative(this.directory, path), readFileSync(path, 'utf8'));
      }
    };
    walk(this.directory);
    this.#texts = texts;
    return texts;
  }
}

/** Python, JavaScript, Ruby: how a source names an environment variable. */
const VARIABLE =
  /(?:os\.environ(?:\.get\(|\[)|(?:os\.)?getenv\(|environ\[|process\.env(?:\[|\.)|ENV(?:\.fetch\(|\[))\s*['"]?([A-Z][A-Z0-9_]+)/g;
/** `const { QUEUE_URL, PORT = 3000 } = process.env`. */
const DESTRUCTURED = /\{([^{}]*)\}\s*=\s*process\.env\b/g;
/** Everybody's, or the interpreter's. */
const NOT_TOLD = /^(PATH|HOME|USER|LANG|TZ|TERM|SHELL|PWD|TMPDIR|CI|DJANGO_SETTINGS_MODULE|BUNDLE_GEMFILE)$/;

/** Names of the environment variables that a text reads, in order of appearance. */
export function variablesIn(text: string): string[] {
  const single = [...text.matchAll(VARIABLE)].map(([, name]) => name as string);
  const several = [...text.matchAll(DESTRUCTURED)].flatMap(([, names]) =>
    (names as string).split(',').map((one) => (/^\s*([A-Z][A-Z0-9_]+)/.exec(one) ?? [])[1] ?? ''),
  );
  return [...new Set([...single, ...several])].filter((name) => name !== '' && !NOT_TOLD.test(name));
}

/** Where the text of the source reads messages from SQS. */
export const receivesMessages = (text: string): boolean =>
  /ReceiveMessage|receive_message|sqs-consumer|['"]sqs['"]|Shoryuken/.test(text);

/** A path that a source answers, by which a load balancer finds it well; else its front page. */
export function healthPath(text: string): string {
  const found = /['"`]\/?((?:_?health(?:z|check)?|up|ping|livez)\/?)['"`]/.exec(text)?.[1];
  return found === undefined ? '/' : `/${found}`;
}

/** The port that a source listens on where the environment names none. */
export function portIn(text: string): number | undefined {
  const found =
    /\.listen\(\s*(?:process\.env\.PORT\s*(?:\|\||\?\?)\s*)?(\d{2,5})\b/.exec(text) ??
    /\bPORT\b['"]?\s*(?:,|\|\||\?\?|=|\))\s*['"]?(\d{2,5})\b/.exec(text) ??
    /\bport\s*[:=]\s*(\d{2,5})\b/.exec(text);
  const port = Number(found?.[1]);
  return port > 0 && port < 65_536 ? port : undefined;
}
