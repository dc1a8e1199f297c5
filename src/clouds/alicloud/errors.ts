import { BakeError, messageOf } from '../../run/errors.ts';
import { grantedIn, shippedPoliciesWith } from '../shipped-policies.ts';

/** A refusal of Alibaba Cloud in plain words. `code` is the service's own, for callers that know what to do about it. */
export class AlicloudError extends BakeError {
  readonly code: string;
  /** 0 where there was no answer. */
  readonly status: number;

  constructor(
    message: string,
    options: { code: string; status?: number; hint?: string; exitCode?: 1 | 2; cause?: unknown },
  ) {
    super(message, options);
    this.code = options.code;
    this.status = options.status ?? 0;
  }
}

/** Whether a call failed with one of these codes. */
export const failedWith = (error: unknown, ...codes: string[]): error is AlicloudError =>
  error instanceof AlicloudError && codes.includes(error.code);

/** Whether what was asked for is not there: a deletion's end. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof AlicloudError && (error.status === 404 || /NotFound|NotExists?\b/.test(error.code));

/** Whether the name is taken: where it was free a moment ago, by our own call whose answer was lost. */
export const isDuplicate = (error: unknown): boolean =>
  error instanceof AlicloudError && /\.Duplicated?$/.test(error.code);

/** Whether there is no room for it in this place: another type or zone may have some. */
export const isNoStock = (error: unknown): boolean =>
  error instanceof AlicloudError && /NoStock|Zone\.NotOnSale|NotEnough/.test(error.code);

/** Where the failure happened. */
export interface CallSite {
  product: string;
  action: string;
  region: string;
  endpoint: string;
  local: boolean;
}

const EXPIRED = /^InvalidSecurityToken\.Expired/;
/** A signature's time too far from the service's own says that the clock is wrong. */
const REFUSED =
  /^InvalidAccessKeyId|^SignatureDoesNotMatch|^IncompleteSignature|^InvalidSecurityToken|^InvalidTimeStamp/;
/** The words of the SDK's chain when no place has any: it gives them no code. */
const NO_CREDENTIALS = /unable to get credentials from any/;
const NOT_ALLOWED = /^Forbidden\.RAM$|^NoPermission$|^Forbidden$|^Forbidden\.Unauthorized/;
const THROTTLED = /Throttling/;
const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EPROTO',
  'EPIPE',
];

interface SdkError {
  name?: string;
  code?: string;
  statusCode?: number;
  data?: { Message?: string };
  accessDeniedDetail?: {
    AuthAction?: string;
    AuthPrincipalDisplayName?: string;
    NoPermissionType?: string;
  } | null;
}

/** Whether a failure may pass by itself, and whether the call may have been carried out all the same. */
export function natureOf(error: unknown): { passes: boolean; maybeDone: boolean } {
  const { name = '', code = '', statusCode = 0 } = error as SdkError;
  if (THROTTLED.test(code)) return { passes: true, maybeDone: false };
  if (/^(ServiceUnavailable|InternalError|UnknownError)/.test(code) || statusCode >= 500)
    return { passes: true, maybeDone: true };
  // A page in place of an answer (502, 414) cannot be read as JSON: the library throws a SyntaxError.
  const silent = name === 'RequestTimeoutError' || name === 'SyntaxError' || UNREACHABLE.includes(code);
  return { passes: silent, maybeDone: silent && code !== 'ECONNREFUSED' && code !== 'ENOTFOUND' };
}

/** Says what an error of the SDK means and what to do about it. Its own message may hold the whole URL, secrets and all: only parts are used. */
export function explain(error: unknown, at: CallSite): BakeError {
  if (error instanceof BakeError) return error;
  const { name = '', code = '', statusCode: status, data, accessDeniedDetail } = error as SdkError;
  const words = plain(data?.Message ?? messageOf(error));
  const make = (text: string, hint?: string, exitCode?: 1 | 2): AlicloudError =>
    new AlicloudError(text, {
      code: code || name,
      status,
      hint,
      exitCode,
      cause: withoutRequest(error, words),
    });
  if (EXPIRED.test(code)) return make('the Alibaba Cloud credentials have expired', EXPIRED_HINT);
  if (code === 'InvalidCredentials' || /credential/i.test(name) || NO_CREDENTIALS.test(words))
    return make('no Alibaba Cloud credentials found', MISSING_HINT, 2);
  if (REFUSED.test(code))
    return make(
      `${at.local ? 'the local cloud' : 'Alibaba Cloud'} does not accept these credentials (${at.product}: ${code})`,
      at.local ? LOCAL_HINT : REFUSED_HINT,
    );
  if (NOT_ALLOWED.test(code)) {
    const {
      AuthAction: action = `${at.product}:${at.action}`,
      AuthPrincipalDisplayName: who = 'the caller',
      NoPermissionType: kind,
    } = accessDeniedDetail ?? {};
    const explicit = kind === 'ExplicitDeny' ? ' (a policy denies it explicitly)' : '';
    return make(
      `${who} is not allowed ${action}${explicit}`,
      `Allow it in the caller's RAM policy${grantedIn(shippedPoliciesWith('ram', action))}.`,
    );
  }
  if (THROTTLED.test(code))
    return make(
      `${at.product} still refuses ${at.action} for too many requests (${code})`,
      'Other automation in this account uses up the request rate (Alibaba Cloud counts by the minute): wait a little and run it again.',
    );
  const unreachable =
    UNREACHABLE.find((one) => one === code) ?? (name === 'RequestTimeoutError' ? name : undefined);
  if (unreachable)
    return at.local
      ? make(
          `the local cloud does not answer at ${at.endpoint} (${unreachable})`,
          'Start it: bake local start',
        )
      : make(`cannot reach ${at.endpoint} (${unreachable})`, 'Check the network and the region.');
  if (name === 'SyntaxError')
    return make(
      `${at.action}: ${at.endpoint} answered with something that is no JSON (a page of a proxy or gateway)`,
    );
  return make(`${at.action}: ${code || name}: ${words}`);
}

const EXPIRED_HINT = 'Get new ones and run the same command again: it finds what exists already.';
const MISSING_HINT =
  'Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run "aliyun configure". Without an account: add --local.';
const REFUSED_HINT =
  'Check that access key, secret and token belong together and that the clock of this machine is right.';
const LOCAL_HINT = 'Take the ones of the running local cloud: eval "$(bake local env)".';

/** Without the values of a URL's query, and without the answer's id. */
const plain = (message: string): string =>
  message
    .replace(/(https?:\/\/[^\s?]*)\?\S*/g, '$1')
    .replace(/[?&][A-Za-z.\d]+=\S+/g, '')
    .replace(/\s*request id: \S+/i, '')
    .replace(/\s+/g, ' ')
    .trim();

function withoutRequest(error: unknown, message: string): Error {
  const cause = new Error(message);
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
