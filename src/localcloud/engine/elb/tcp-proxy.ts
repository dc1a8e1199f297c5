import { createServer, type Server } from 'node:net';
import type { Engine } from '../engine.ts';
import { join } from './forward.ts';
import type { InFlight } from './in-flight.ts';
import { listeners } from './records.ts';
import { newTurns, nextTarget } from './routing.ts';
import { addressOf, targetKey } from './targets.ts';

/** A listener of a network load balancer: each connection goes to one target. Without any it is closed at once. */
export function tcpProxy(engine: Engine, listenerArn: string, inFlight: InFlight): Server {
  const turns = newTurns();
  return createServer({ allowHalfOpen: true }, (client) => {
    const action = listeners(engine).get(listenerArn)?.actions[0];
    const target = action && nextTarget(engine, action, turns);
    if (!target) return void client.destroy();
    const key = targetKey(target.groupArn, target.id, target.port);
    join(client, { key, address: addressOf(engine, target), port: target.port }, inFlight);
  });
}
