import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { instances } from '../ec2/instance-record.ts';
import type { Engine } from '../engine.ts';
import { attributeOf } from './attributes.ts';
import { fail, forward, orFail, pretend } from './forward.ts';
import { forwardedHeaders, traceHeader } from './headers.ts';
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

const BRAND = 'awselb/2.0';

/** The target groups of answers; those of the load balancer itself have none. */
const answeredBy = new WeakMap<ServerResponse, string>();

/** A listener of an application load balancer: a real proxy that streams both ways. */
export function httpProxy(engine: Engine, listenerArn: string, inFlight: InFlight): Server {
  const turns = newTurns();
  // Uploads may take as long as they need; the load balancer's idle time-out ends what does not move.
  return createServer({ requestTimeout: 0, keepAliveTimeout: 65_000 }, (request, response) => {
    const listener = listeners(engine).get(listenerArn);
    if (!listener) return fail(response, 503, BRAND);
    const began = performance.now();
    response.once('finish', () => {
      const seconds = (performance.now() - began) / 1_000;
      const said = { status: response.statusCode, seconds };
      noteAnswer(engine, listener.loadBalancerArn, answeredBy.get(response), said);
    });
    orFail(engine, response, BRAND, () => answer(engine, listener, turns, inFlight, request, response));
  });
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
    if (target) send(engine, listener, target, inFlight, request, response);
    else fail(response, 503, BRAND);
  }
}

function send(
  engine: Engine,
  listener: ListenerRecord,
  target: TargetRecord,
  inFlight: InFlight,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answered = () => void answeredBy.set(response, target.groupArn);
  if (instances(engine).has(target.id) && engine.runtime.kind === 'none') {
    if (pretend(engine, target.id, response, BRAND)) answered();
    return;
  }
  const balancer = loadBalancers(engine).get(listener.loadBalancerArn);
  const upstream = {
    key: targetKey(target.groupArn, target.id, target.port),
    address: addressOf(engine, target),
    port: target.port,
  };
  forward(engine, upstream, inFlight, [request, response], {
    headers: [...forwardedHeaders(request, listener), ...traceHeader(request)],
    idleSeconds: balancer ? Number(attributeOf(balancer, 'idle_timeout.timeout_seconds')) : 60,
    brand: BRAND,
    answered,
  });
}

function sendFixed(response: ServerResponse, fixed: NonNullable<ActionRecord['fixedResponse']>): void {
  const headers = { 'content-type': fixed.contentType ?? 'text/plain', server: BRAND };
  response.writeHead(Number(fixed.statusCode), headers);
  response.end(fixed.body ?? '');
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
