import { BakeError, Interrupted, messageOf } from '../../run/errors.ts';
import { grantedIn } from '../shipped-policies.ts';
import { policyFilesFor } from './permissions.ts';

/** A refusal of AWS in plain words. `code` is the service's own, for callers that know what to do about it. */
export class AwsError extends BakeError {
  readonly code: string;
  /** How often the SDK sent the request; above 1 an earlier one may have been carried out. */
  readonly attempts: number;

  constructor(
    message: string,
    options: { code: string; attempts?: number; hint?: string; exitCode?: 1 | 2; cause?: unknown },
  ) {
    super(message, options);
    this.code = options.code;
    this.attempts = options.attempts ?? 1;
  }
}

/** The service's error code of anything thrown by a call, or undefined. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof AwsError ? error.code : undefined;

/** Whether a call failed with one of these codes. */
export const failedWith = (error: unknown, ...codes: string[]): error is AwsError =>
  codes.includes(codeOf(error) ?? '');

/** The code on the wire. The SDK names Auto Scaling's errors by their shapes, which end in "Fault" where the codes do not. */
export const nameOf = (error: unknown): string =>
  ((error as { name?: string }).name ?? 'Error').replace(/Fault$/, '');

/** Where the failure happened. */
export interface CallSite {
  /** As in IAM actions: ec2, autoscaling, ssm, sqs, logs, sts. */
  service: string;
  operation: string;
  region: string;
  /** Set when it is not the service's own endpoint. */
  endpoint?: string;
  local: boolean;
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenProviderError'];
const REFUSED_CREDENTIALS = [
  'AuthFailure',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'IncompleteSignature',
  'RequestTimeTooSkewed',
  'RequestExpired',
];
const NOT_ALLOWED = ['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'AuthorizationError'];
const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'TimeoutError',
];
const THROTTLED = [
  'RequestLimitExceeded',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'EC2ThrottledException',
  'RequestThrottled',
  'RequestThrottledException',
  'TooManyRequestsException',
  'SlowDown',
];

/** Says what an SDK error means and what to do about it. The SDK's message and stack stay in `cause`, for --debug. */
export function explain(error: unknown, at: CallSite): BakeError {
  if (error instanceof BakeError) return error;
  const { code: nodeCode } = error as { code?: string };
  const name = nameOf(error);
  if (name === 'AbortError') return new Interrupted();
  const { attempts } = (error as { $metadata?: { attempts?: number } }).$metadata ?? {};
  const message = plain(messageOf(error));
  const cause = withoutRequest(error, message);
  const make = (code: string, text: string, hint?: string, exitCode?: 1 | 2): AwsError =>
    new AwsError(text, { code, attempts, hint, exitCode, cause });

  if (EXPIRED.includes(name) || (name === 'CredentialsProviderError' && /expired/i.test(message))) {
    return make(name, 'the AWS credentials have expired', EXPIRED_HINT);
  }
  if (name === 'CredentialsProviderError') return make(name, 'no AWS credentials found', MISSING_HINT, 2);
  if (REFUSED_CREDENTIALS.includes(name)) {
    return make(
      name,
      `${at.local ? 'the local cloud' : 'AWS'} does not accept these credentials (${at.service}: ${name})`,
      at.local ? LOCAL_CREDENTIALS_HINT : REFUSED_HINT,
    );
  }
  if (NOT_ALLOWED.includes(name)) {
    const { action, text } = denial(message, at);
    return make(name, text, `Allow it in the caller's policy${grantedIn(policyFilesFor(action))}.`);
  }
  const unreachable = [nodeCode ?? '', name].find((word) => UNREACHABLE.includes(word));
  if (unreachable) return make(unreachable, ...silence(unreachable, at));
  if (THROTTLED.includes(name)) {
    return make(
      name,
      `${at.service} still refuses ${at.operation} for too many requests (${name}) after ${attempts ?? 1} attempts`,
      'Other automation in this account uses up the request rate: wait a little and run it again.',
    );
  }
  return make(name, `${at.operation}: ${name}: ${message}`);
}

const EXPIRED_HINT =
  'Get new ones ("aws sso login", or assume the role again) and run the same command again: it finds what exists already.';
const MISSING_HINT =
  'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "aws sso login". Without an account: add --local.';
const REFUSED_HINT =
  'Check that access key, secret and session token belong together ("aws sts get-caller-identity") and that the clock of this machine is right.';
const LOCAL_CREDENTIALS_HINT = 'Take the ones of the running local cloud: eval "$(bake local env)".';

/** Who may not do what to what, out of AWS's sentence. */
function denial(message: string, at: CallSite): { action: string; text: string } {
  const action = /not authorized to perform: (\S+)/.exec(message)?.[1] ?? `${at.service}:${at.operation}`;
  const resource = /on resource: (\S+)/.exec(message)?.[1];
  const principal = /User: (\S+) is not authorized/.exec(message)?.[1];
  const explicit = /explicit deny/.test(message) ? ' (a policy denies it explicitly)' : '';
  const text = `${principal ?? 'the caller'} is not allowed ${action}${resource ? ` on ${resource}` : ''}${explicit}`;
  return { action, text };
}

/** Message and hint for an endpoint that does not answer. */
function silence(code: string, at: CallSite): [string, string] {
  if (at.local)
    return [`the local cloud does not answer at ${at.endpoint} (${code})`, 'Start it: bake local start'];
  const place = at.endpoint ?? `${at.service} in ${at.region}`;
  return [`cannot reach ${place} (${code})`, 'Check the network, the proxy, and the region (AWS_REGION).'];
}

/** The SDK's own error holds the whole exchange, with the signature and session token of the request: never handed on. */
function withoutRequest(error: unknown, message: string): Error {
  const cause = new Error(message);
  if (error instanceof Error) {
    const frames = error.stack?.match(/\n {4}at .*/s)?.[0] ?? '';
    cause.name = error.name;
    cause.stack = `${error.name}: ${message}${frames}`;
  }
  return cause;
}

/** Without the encoded failure message (1 KB of base64) and the SDK's advice to its developers, and without credentials or queries in URLs. */
function plain(message: string): string {
  return message
    .replace(/\s*Encoded authorization failure message: \S+/, '')
    .replace(/\s*Deserialization error: .*/s, '')
    .replace(/(https?:\/\/)[^/\s@]*@/g, '$1')
    .replace(/(https?:\/\/[^\s?]*)\?\S*/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
