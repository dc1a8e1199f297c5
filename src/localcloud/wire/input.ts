import type { ServiceError } from '../engine/errors.ts';

/** How a service says that a parameter is missing or malformed. */
export type ParameterError = (
  name: string,
  problem: 'missing' | 'malformed',
  value?: unknown,
) => ServiceError;

/**
 * A request's parameters, the same for form-encoded requests (everything is text, lists are numbered) and JSON.
 * An empty string counts as absent, as the query protocols of AWS have it (Packer sends many).
 */
export class Input {
  readonly values: Record<string, unknown>;
  readonly #error: ParameterError;

  constructor(values: Record<string, unknown>, error: ParameterError) {
    this.values = values;
    this.#error = error;
  }

  has(name: string): boolean {
    const value = this.values[name];
    return value !== undefined && value !== null && value !== '';
  }

  text(name: string): string | undefined {
    if (!this.has(name)) return undefined;
    const value = this.values[name];
    if (typeof value === 'object') throw this.#error(name, 'malformed', value);
    return String(value);
  }

  require(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw this.#error(name, 'missing');
    return value;
  }

  int(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^-?\d+$/.test(value)) throw this.#error(name, 'malformed', value);
    return Number(value);
  }

  requireInt(name: string): number {
    this.require(name);
    return this.int(name) as number;
  }

  bool(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (value !== 'true' && value !== 'false') throw this.#error(name, 'malformed', value);
    return value === 'true';
  }

  /** A list of plain values; empty when absent. */
  list(name: string): string[] {
    return this.#array(name).map((item) => {
      if (typeof item === 'object') throw this.#error(name, 'malformed', item);
      return String(item);
    });
  }

  /** A list of structures; empty when absent. */
  objects(name: string): Input[] {
    return this.#array(name).map((item) => this.#nested(name, item));
  }

  object(name: string): Input | undefined {
    return this.has(name) ? this.#nested(name, this.values[name]) : undefined;
  }

  /** A map of plain values; empty when absent. */
  map(name: string): Record<string, string> {
    const entries = this.object(name);
    return Object.fromEntries(
      Object.keys(entries?.values ?? {}).map((key) => [key, entries!.text(key) ?? '']),
    );
  }

  /** Other values, refused in the same words. */
  replaced(values: Record<string, unknown>): Input {
    return new Input(values, this.#error);
  }

  #array(name: string): unknown[] {
    if (!this.has(name)) return [];
    const value = this.values[name];
    if (!Array.isArray(value)) throw this.#error(name, 'malformed', value);
    return value;
  }

  #nested(name: string, value: unknown): Input {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#error(name, 'malformed', value);
    return new Input(value as Record<string, unknown>, this.#error);
  }
}
