import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { instances } from '../ec2/instance-record.ts';
import { fail, forward, join, pretend, type Upstream } from '../elb/forward.ts';
import { forwardedHeaders } from '../elb/headers.ts';
import { InFlight } from '../elb/in-flight.ts';
import { nextByWeight } from '../elb/routing.ts';
import type { Engine } from '../engine.ts';
import { healthOf, serverKey, serversOf } from './health.ts';
import { type ClbListener, clbBalancers, clbListeners, listenerKey } from './records.ts';

const BRAND = 'Tengine';
/** CLB: how long nothing may move while an answer is waited for. Seconds. */
const IDLE = 60;

/**
 * Keeps a proxy open for each listener that runs, and none for others. A server of weight 0 gets nothing new, and what it has under
 * way ends in its own time; of a server that leaves its group, it ends at once. Changes nothing in the store.
 */
export function clbProxies(engine: Engine): () => undefined {
  const open = new Map<string, Server>();
  const inFlight = new InFlight();

  const start = (key: string, listener: ClbListener, address: string) => {
    const server =
      listener.protocol === 'tcp' ? tcpListener(engine, key, inFlight) : httpListener(engine, key, inFlight);
    open.set(key, server);
    server.on('error', (error) =>
      engine.log(`${listener.balancerId} cannot listen on ${address}:${listener.port}: ${error.message}`),
    );
    // The daemon lives by its own server; a test ends with its last test.
    server.listen(listener.port, address).unref();
  };

  return () => {
    for (const [key, server] of open) {
      if (clbListeners(engine).get(key)?.state === 'running') continue;
      open.delete(key);
      server.close();
    }
    const served = new Set<string>();
    for (const listener of clbListeners(engine).all()) {
      for (const server of serversOf(engine, listener)) served.add(serverKey(listener, server));
      const key = listenerKey(listener);
      const balancer = clbBalancers(engine).get(listener.balancerId);
      if (balancer && listener.state === 'running' && !open.has(key)) start(key, listener, balancer.address);
    }
    inFlight.endAllBut(served);
    return undefined;
  };
}

interface Chosen extends Upstream {
  id: string;
}

/**
 * The server of the next request: the healthy ones take turns by weight. Where the check is off, or none is healthy, all do. Undefined
 * when none has any weight.
 */
function choose(engine: Engine, listener: ClbListener, credits: Map<string, number>): Chosen | undefined {
  const all = serversOf(engine, listener).map((server) => ({
    server,
    key: serverKey(listener, server),
    weight: listener.scheduler === 'rr' ? Math.min(server.weight, 1) : server.weight,
    state: healthOf(engine, listener, server),
  }));
  const weighty = all.filter(({ weight }) => weight > 0);
  const healthy = weighty.filter(({ state }) => state === 'normal');
  const key = nextByWeight(healthy.length > 0 ? healthy : weighty, credits);
  const server = weighty.find((one) => one.key === key)?.server;
  if (!server || key === undefined) return undefined;
  const address = instances(engine).get(server.serverId)?.address;
  return address === undefined ? undefined : { key, id: server.serverId, address, port: server.port };
}

function httpListener(engine: Engine, key: string, inFlight: InFlight): Server {
  const credits = new Map<string, number>();
  // Uploads may take as long as they need; the idle time-out ends what does not move.
  return createHttpServer({ requestTimeout: 0, keepAliveTimeout: 15_000 }, (request, response) => {
    const listener = clbListeners(engine).get(key);
    const server = listener && choose(engine, listener, credits);
    if (!server) fail(response, 503, BRAND);
    else if (engine.runtime.kind === 'none') pretend(engine, server.id, response, BRAND);
    else
      forward(engine, server, inFlight, [request, response], {
        headers: forwardedHeaders(request, listener),
        idleSeconds: IDLE,
        brand: BRAND,
      });
  });
}

/** Each connection goes to one server. Without any it is closed at once. */
function tcpListener(engine: Engine, key: string, inFlight: InFlight): Server {
  const credits = new Map<string, number>();
  return createServer({ allowHalfOpen: true }, (client) => {
    const listener = clbListeners(engine).get(key);
    const server = listener && choose(engine, listener, credits);
    if (server) join(client, server, inFlight);
    else client.destroy();
  });
}
