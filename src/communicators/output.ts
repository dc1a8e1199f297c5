import { StringDecoder } from 'node:string_decoder';
import { stripVTControlCharacters } from 'node:util';

const TAIL = 20;

/**
 * Turns the bytes of a growing output file, fetched piece by piece, into lines. Pieces may overlap
 * (the answer to a script's own command starts at 0 again) and may end within a line or a character.
 */
export class OutputLines {
  /** Bytes taken so far: where the next piece should start. */
  offset = 0;
  /** The last 20 lines. */
  readonly tail: string[] = [];
  readonly #onLine: (line: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(onLine: (line: string) => void = () => {}) {
    this.#onLine = onLine;
  }

  /** Takes `bytes` that start at position `at` of the output; what is known already is left out. Returns how many were new. */
  push(bytes: Buffer, at: number): number {
    const fresh = bytes.subarray(Math.max(0, this.offset - at));
    if (at > this.offset || fresh.length === 0) return 0;
    this.offset += fresh.length;
    const lines = (this.#rest + this.#decoder.write(fresh)).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) this.#say(line);
    return fresh.length;
  }

  /** The output is complete: a last line without its newline is a line too. */
  end(): void {
    this.#rest += this.#decoder.end();
    if (this.#rest !== '') this.#say(this.#rest);
    this.#rest = '';
  }

  #say(raw: string): void {
    // A progress bar redraws its line with carriage returns: only what stood there last is worth a line.
    const drawn = raw.split('\r').filter((part) => part !== '');
    const line = stripVTControlCharacters(drawn.at(-1) ?? '');
    this.tail.push(line);
    if (this.tail.length > TAIL) this.tail.shift();
    this.#onLine(line);
  }
}
