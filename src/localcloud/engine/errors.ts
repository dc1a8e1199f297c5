/** An error as the clouds give it: a code from the service's reference, a message, an HTTP status. The wire gives it its form. */
export class ServiceError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}
