import { LineCounter } from 'yaml';
import { type BakeError, usageError } from '../run/errors.ts';
import type { Path, Span } from './tree.ts';

/** Collects everything that is wrong with a configuration, so that all of it is told at once, in the order of the file. */
export class Problems {
  readonly lines = new LineCounter();
  readonly #file: string;
  readonly #found: { offset: number; text: string }[] = [];

  /** `file`: as messages name it. */
  constructor(file: string) {
    this.#file = file;
  }

  /** `path` is the key that the message is about; none for the file as a whole. */
  add(span: Span, path: Path, message: string): void {
    const { line, col } = this.lines.linePos(span[0]);
    const where = `${this.#file}:${line || 1}:${col || 1}: `;
    const text = `${where}${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`;
    if (!this.#found.some((known) => known.text === text)) this.#found.push({ offset: span[0], text });
  }

  get none(): boolean {
    return this.#found.length === 0;
  }

  /** The first as the message, the others as details. Exit code 2. */
  error(): BakeError {
    const [first, ...others] = this.#found.sort((a, b) => a.offset - b.offset).map(({ text }) => text);
    return usageError(first as string, undefined, others);
  }
}

/** `image.layers[1].provisioners[0].script` */
function pathText(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}
