/** Replaces every registered secret value by `***` in whatever passes through, however deep. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Values shorter than 4 characters are not registered: they would blot out ordinary words. */
  add(secret: string | undefined): void {
    if (secret && secret.length >= 4) this.#secrets.add(secret);
  }

  redact<T>(value: T): T {
    if (this.#secrets.size === 0) return value;
    return this.#walk(value) as T;
  }

  #walk(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item));
    if (value && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#walk(item)]));
    }
    return value;
  }

  #text(text: string): string {
    let redacted = text;
    // Longest first, so that a secret that contains another is not left half visible.
    for (const secret of [...this.#secrets].sort((a, b) => b.length - a.length)) {
      redacted = redacted.replaceAll(secret, '***');
    }
    return redacted;
  }
}
