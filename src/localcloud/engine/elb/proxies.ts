import type { Server } from 'node:net';
import type { Engine } from '../engine.ts';
import { httpProxy } from './http-proxy.ts';
import { InFlight } from './in-flight.ts';
import {
  type ListenerRecord,
  type LoadBalancerRecord,
  listeners,
  loadBalancers,
  targets,
} from './records.ts';
import { targetKey } from './targets.ts';
import { tcpProxy } from './tcp-proxy.ts';

interface Proxy {
  /** `address:port`: a listener that moved needs another one. */
  place: string;
  server: Server;
}

/** Why load balancers do not listen, by ARN: DescribeLoadBalancers says so. */
const troubles = new WeakMap<Engine, Map<string, string>>();

export const troubleOf = (engine: Engine, loadBalancerArn: string): string | undefined =>
  troubles.get(engine)?.get(loadBalancerArn);

/** Keeps a proxy open for each listener, and none for those that are gone. Changes nothing in the store. */
export function proxies(engine: Engine): () => undefined {
  const open = new Map<string, Proxy>();
  const inFlight = new InFlight();
  const trouble = new Map<string, string>();
  troubles.set(engine, trouble);

  const close = (arn: string) => {
    const proxy = open.get(arn);
    open.delete(arn);
    proxy?.server.close();
  };

  const start = (listener: ListenerRecord, balancer: LoadBalancerRecord, place: string) => {
    const make = balancer.type === 'network' ? tcpProxy : httpProxy;
    const server = make(engine, listener.arn, inFlight);
    open.set(listener.arn, { place, server });
    server.on('error', (error) => {
      trouble.set(balancer.arn, `The load balancer cannot listen on ${place}: ${error.message}`);
      engine.log(`${balancer.name} cannot listen on ${place}: ${error.message}`);
    });
    server.on('listening', () => trouble.delete(balancer.arn));
    // The daemon lives by its own server; a test ends with its last test.
    server.listen(listener.port, balancer.address).unref();
  };

  return () => {
    for (const arn of open.keys()) if (!listeners(engine).has(arn)) close(arn);
    for (const listener of listeners(engine).all()) {
      const balancer = loadBalancers(engine).get(listener.loadBalancerArn);
      if (!balancer) continue;
      const place = `${balancer.address}:${listener.port}`;
      if (open.get(listener.arn)?.place === place) continue;
      close(listener.arn);
      start(listener, balancer, place);
    }
    const registered = new Set(
      targets(engine)
        .all()
        .map(({ groupArn, id, port }) => targetKey(groupArn, id, port)),
    );
    inFlight.endAllBut(registered);
    return undefined;
  };
}
