import type { Engine } from '../engine/engine.ts';
import type { Input } from './input.ts';
import type { Understood } from './protocols.ts';

/** Who signed the request. */
export interface Caller {
  accessKeyId: string;
  /** `arn:aws:iam::000000000000:root`, or an assumed role of an instance profile. */
  arn: string;
  account: string;
}

export interface RequestContext {
  engine: Engine;
  caller: Caller;
  requestId: string;
  /** Path of the URL: SQS's query protocol carries the queue there. */
  path: string;
  /** The region that the request was signed for: it is in the signature's credential scope. */
  region: string;
  /** Aborts when the client went away (long polls). */
  signal: AbortSignal;
}

/**
 * One operation of a service. Returns the response as plain values named as on the wire; throws `ServiceError` for
 * everything that the service's reference lists as an error. The engine is settled after each operation.
 */
export type Operation = (input: Input, context: RequestContext) => unknown | Promise<unknown>;

/** A request whose meaning lies in method, path and headers, and whose body is a stream. */
export interface RestRequest {
  method: string;
  /** As it came, encoded. */
  path: string;
  query: string;
  headers: Record<string, string | undefined>;
  body: AsyncIterable<Buffer>;
  /** What the chunks of the body are signed with; absent before the signature is known to be good. */
  signing?: { key: Buffer; scope: string; amzDate: string; signature: string };
}

export interface Service {
  /** The name in the signature's credential scope: ec2, autoscaling, sqs, logs, ssm, sts, s3, iam … */
  signingName: string;
  /** Codes for a parameter that is missing or malformed. Default: what the protocol's services usually say. */
  parameterErrors?: { missing: string; malformed: string };
  /** Form-encoded requests, XML answers. `ec2` lists are `<item>`, `query` lists `<member>`; `xmlns` as in the API's model. */
  form?: {
    dialect: 'ec2' | 'query';
    xmlns: string;
    operations: Record<string, Operation>;
    /** Operations that need no signature: who asks proves itself by what is in the request. */
    unsigned?: string[];
  };
  /** AWS JSON: `X-Amz-Target: prefix.Operation`. Date fields are epoch seconds (a number). */
  json?: {
    version: '1.0' | '1.1';
    targetPrefix: string;
    operations: Record<string, Operation>;
    /**
     * For a service that once spoke the query protocol only (trait awsQueryCompatible): its error codes are those of the query
     * protocol, and this gives the JSON shape's full name for them. Clients that know the trait read the old code from a header.
     */
    errorShapes?: Record<string, string>;
  };
  /** REST XML (S3); the operations by name only, as there they go by method, path and headers. */
  rest?: { operations: string[]; understand(request: RestRequest): Understood };
}
