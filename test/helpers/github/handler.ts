import type { Repository } from './repository.ts';
import type { Shapes } from './shapes.ts';

/** What a handler is given of a request that meets GitHub's description. */
export interface Asked {
  /** Who asks: the login of the token's owner. */
  actor: string;
  /** The parameters of the path, decoded. */
  path: Record<string, string>;
  query: Record<string, string>;
  body: Record<string, unknown>;
  repository: Repository;
  shapes: Shapes;
}

export interface Answer {
  status: number;
  body?: unknown;
}

export interface Handler {
  /** What the token needs, as GitHub names it: `pull_requests=write`; one of several, with `;` between them. */
  needs?: string;
  run(asked: Asked): Answer;
}

export type Handlers = Record<string, Handler>;

/** GitHub says no. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: { resource: string; field?: string; code: string; message?: string }[] | undefined;

  constructor(status: number, message: string, errors?: Refusal['errors']) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');
export const invalid = (resource: string, field: string, message?: string): Refusal =>
  new Refusal(422, 'Validation Failed', [{ resource, field, code: message ? 'custom' : 'invalid', message }]);

export const found = <T>(value: T | undefined): T => {
  if (value === undefined) throw notFound();
  return value;
};
