import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { pipeline } from 'node:stream';
import { instances } from '../ec2/instance-record.ts';
import type { Engine } from '../engine.ts';
import { attributeOf } from './attributes.ts';
import { targetAnswers } from './checks.ts';
import { forwardedHeaders, responseHeaders } from './headers.ts';
import type { InFlight } from './in-flight.ts';
import { matches, type RequestFacts } from './matching.ts';
import {
  type ActionRecord,
  type ListenerRecord,
  listeners,
  loadBalancers,
  type TargetRecord,
} from './records.ts';
import { redirectTo } from './redirect.ts';
import { newTurns, nextTarget, type Turns } from './routing.ts';
import { rulesOf } from './rules.ts';
import { addressOf, targetKey } from './targets.ts';
import { noteAnswer } from './traffic.ts';

/** The target groups of answers; those of the load balancer itself have none. */
const answeredBy = new WeakMap<ServerResponse, string>();

/** A listener of an application load balancer: a real proxy that streams both ways. */
export function httpProxy(engine: Engine, listenerArn: string, inFlight: InFlight): Server {
  const turns = newTurns();
  // Uploads may take as long as they need; the load balancer's idle time-out ends what does not move.
  return createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (request, response) => {
    const listener = listeners(engine).get(listenerArn);
    if (!listener) return fail(response, 503);
    const began = performance.now();
    response.once('finish', () => {
      const seconds = (performance.now() - began) / 1_000;
      const said = { status: response.statusCode, seconds };
      noteAnswer(engine, listener.loadBalancerArn, answeredBy.get(response), said);
    });
    orFail(engine, response, () => answer(engine, listener, turns, inFlight, request, response));
  });
}

/** What cannot be written as HTTP (a line break in a redirect's host) is the sender's trouble, not the daemon's end. */
function orFail(engine: Engine, response: ServerResponse, work: () => void): void {
  try {
    work();
  } catch (error) {
    engine.log(`load balancer: ${error instanceof Error ? error.message : String(error)}`);
    fail(response, 502);
  }
}

function answer(
  engine: Engine,
  listener: ListenerRecord,
  turns: Turns,
  inFlight: InFlight,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const facts = factsOf(request);
  const rule = rulesOf(engine, listener.arn).find(({ conditions }) => matches(conditions, facts));
  const action = (rule ?? listener).actions[0] as ActionRecord;
  if (action.fixedResponse) sendFixed(response, action.fixedResponse);
  else if (action.redirect) {
    const location = redirectTo(action.redirect, listener, facts);
    response.writeHead(Number(action.redirect.statusCode.slice(-3)), { location, 'content-length': 0 });
    response.end();
  } else {
    const target = nextTarget(engine, action, turns);
    if (!target) fail(response, 503);
    else if (instances(engine).has(target.id) && engine.runtime.kind === 'none')
      pretend(engine, target, response);
    else forward(engine, listener, target, inFlight, request, response);
  }
}

/** The target may take as long as it likes, as long as something moves. */
function forward(
  engine: Engine,
  listener: ListenerRecord,
  target: TargetRecord,
  inFlight: InFlight,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const balancer = loadBalancers(engine).get(listener.loadBalancerArn);
  const upstream = httpRequest({
    host: addressOf(engine, target),
    port: target.port,
    method: request.method,
    path: request.url,
    headers: forwardedHeaders(request, listener),
    // A kept connection may be closed under a request, which then fails; on loopback a new one costs next to nothing.
    agent: false,
    setHost: false,
    timeout: (balancer ? Number(attributeOf(balancer, 'idle_timeout.timeout_seconds')) : 60) * 1_000,
  });
  inFlight.add(targetKey(target.groupArn, target.id, target.port), upstream);
  upstream.once('timeout', () => {
    fail(response, 504);
    upstream.destroy();
  });
  upstream.on('error', () => fail(response, 502));
  upstream.once('response', (answer) => {
    orFail(engine, response, () => {
      response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer));
      answeredBy.set(response, target.groupArn);
      pipeline(answer, response, () => {});
    });
  });
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

/** An instance without processes: what its health check would be told. */
function pretend(engine: Engine, target: TargetRecord, response: ServerResponse): void {
  const answer = targetAnswers(engine).get(target.id) ?? 200;
  if (typeof answer !== 'number') {
    fail(response, answer === 'timeout' ? 504 : 502);
    return;
  }
  answeredBy.set(response, target.groupArn);
  response.writeHead(answer, { 'content-type': 'text/plain' });
  response.end(`${target.id}\n`);
}

function sendFixed(response: ServerResponse, fixed: NonNullable<ActionRecord['fixedResponse']>): void {
  const headers = { 'content-type': fixed.contentType ?? 'text/plain', server: 'awselb/2.0' };
  response.writeHead(Number(fixed.statusCode), headers);
  response.end(fixed.body ?? '');
}

const WORDS: Record<number, string> = {
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** The load balancer's own errors; one in the middle of an answer can only cut it off. */
function fail(response: ServerResponse, status: number): void {
  if (response.headersSent) return void response.destroy();
  const text = `${status} ${WORDS[status]}`;
  response.writeHead(status, { 'content-type': 'text/html', server: 'awselb/2.0' });
  response.end(
    `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n</body>\r\n</html>\r\n`,
  );
}

function factsOf(request: IncomingMessage): RequestFacts {
  const url = request.url ?? '/';
  const at = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    host: (request.headers.host ?? '').replace(/:\d+$/, ''),
    headers: request.headersDistinct,
    sourceIp: request.socket.remoteAddress ?? '',
  };
}
