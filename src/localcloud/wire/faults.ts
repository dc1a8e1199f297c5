import type { Engine } from '../engine/engine.ts';
import { ServiceError } from '../engine/errors.ts';
import { faultOf } from '../engine/faults/requests.ts';
import { hold } from '../engine/faults/waits.ts';
import type { HttpAnswer } from './protocols.ts';

/** What a front end says when what is behind it does not answer; no protocol's form. */
const PAGE: HttpAnswer = {
  status: 500,
  headers: { 'content-type': 'text/html' },
  body: '<html><body><h1>500 Internal Server Error</h1></body></html>\n',
};

/**
 * Answers a request, under the fault that is due for it. Undefined: there is no answer, the connection breaks.
 * @throws ServiceError, of the request itself or as the fault has it
 */
export async function underFaults(
  engine: Engine,
  service: string,
  operation: string,
  signal: AbortSignal,
  answer: () => Promise<HttpAnswer>,
): Promise<HttpAnswer | undefined> {
  const fault = faultOf(engine, service, operation);
  if (!fault) return answer();
  engine.log(`fault ${fault.id}: ${fault.effect}: ${service} ${operation}`);
  switch (fault.effect) {
    case 'throttle':
      throw throttled(service);
    case 'error':
      throw new ServiceError(
        fault.code ?? 'InternalFailure',
        fault.message ?? 'A fault that was asked for.',
        fault.status ?? 400,
      );
    case 'http-500':
      return PAGE;
    case 'latency':
      await hold(engine, fault.milliseconds ?? 0, signal);
      return answer();
    case 'hang':
      await gone(signal);
      return undefined;
    case 'lost-answer':
      await answer().catch((error: Error) => engine.log(`fault ${fault.id}: ${error.message}`));
      engine.settle();
      return undefined;
  }
}

const gone = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));

/** Each service has its own word for it. Sources: the services' "Common errors". */
const THROTTLED: Record<string, [code: string, message: string, status: number]> = {
  ec2: ['RequestLimitExceeded', 'Request limit exceeded.', 503],
  logs: ['ThrottlingException', 'Rate exceeded', 400],
  s3: ['SlowDown', 'Please reduce your request rate.', 503],
  sqs: ['RequestThrottled', 'Request is throttled.', 403],
  ssm: ['ThrottlingException', 'Rate exceeded', 400],
};

const throttled = (service: string) =>
  new ServiceError(...(THROTTLED[service] ?? (['Throttling', 'Rate exceeded', 400] as const)));
