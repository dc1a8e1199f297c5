import { instances } from '../ec2/instance-record.ts';
import { targetAnswers } from '../elb/checks.ts';
import { pretend, probe } from '../elb/probe.ts';
import type { HealthCheck } from '../elb/records.ts';
import type { Engine } from '../engine.ts';
import { type ClbListener, type ClbServer, clbListeners, clbServerGroups, listenerKey } from './records.ts';

/** `unavailable`: not checked yet, or never, because the check is off. */
type ServerHealth = 'normal' | 'abnormal' | 'unavailable';

interface HealthRecord {
  state: ServerHealth;
  /** Checks in a row with the same outcome, and which. */
  streak: { passed: boolean; count: number };
  /** Milliseconds. */
  nextCheckAt: number;
}

/** Keyed by listener and server. */
const health = (engine: Engine) => engine.store.table<HealthRecord>('clbHealth');

export const serverKey = (listener: ClbListener, { serverId, port }: ClbServer): string =>
  `${listenerKey(listener)} ${serverId}:${port}`;

export const serversOf = (engine: Engine, { serverGroupId }: ClbListener): ClbServer[] =>
  clbServerGroups(engine).get(serverGroupId)?.servers ?? [];

/** What a listener thinks of a server at this moment. */
export function healthOf(engine: Engine, listener: ClbListener, server: ClbServer): ServerHealth {
  if (!listener.check.on || listener.state === 'stopped') return 'unavailable';
  const state = instances(engine).get(server.serverId)?.state ?? 'terminated';
  if (state !== 'running' && state !== 'pending') return 'abnormal';
  return health(engine).get(serverKey(listener, server))?.state ?? 'unavailable';
}

/** Checks what is due, also servers of weight 0, and forgets what is no server any more. */
export function serverChecks(engine: Engine): (now: number) => number | undefined {
  /** Checks under way: they belong to the process; a restart asks again. */
  const underWay = new Set<string>();

  return (now) => {
    let next: number | undefined;
    const known = new Set<string>();
    for (const listener of clbListeners(engine).all()) {
      if (listener.state === 'stopped' || !listener.check.on) continue;
      for (const server of serversOf(engine, listener)) {
        const key = serverKey(listener, server);
        known.add(key);
        if (underWay.has(key) || instances(engine).get(server.serverId)?.state !== 'running') continue;
        const due = health(engine).get(key)?.nextCheckAt ?? now;
        const at = due <= now ? now + engine.latency.scale(listener.check.interval * 1_000) : due;
        next = Math.min(next ?? at, at);
        if (due > now) continue;
        const { state = 'unavailable', streak = { passed: true, count: 0 } } = health(engine).get(key) ?? {};
        health(engine).put(key, { state, streak, nextCheckAt: at });
        check(key, listener, server);
      }
    }
    for (const [key] of [...health(engine).entries()]) if (!known.has(key)) health(engine).delete(key);
    return next;
  };

  function check(key: string, listener: ClbListener, server: ClbServer): void {
    const asked = checkOf(listener);
    if (engine.runtime.kind === 'none') {
      note(engine, key, listener, pretend(asked, targetAnswers(engine).get(server.serverId)).passed);
      return;
    }
    const address = instances(engine).get(server.serverId)!.address;
    underWay.add(key);
    engine.background(`health check of ${server.serverId}`, async () => {
      const { passed } = await probe(asked, address, listener.check.port ?? server.port).finally(() =>
        underWay.delete(key),
      );
      note(engine, key, listener, passed);
    });
  }
}

/** In the words of the prober. CLB takes 2xx and 3xx for well. */
const checkOf = ({ check }: ClbListener): HealthCheck => ({
  enabled: true,
  protocol: check.uri === undefined ? 'TCP' : 'HTTP',
  port: 'traffic-port',
  path: check.uri ?? '/',
  intervalSeconds: check.interval,
  timeoutSeconds: check.timeout,
  healthyThreshold: check.healthy,
  unhealthyThreshold: check.unhealthy,
  matcher: '200-399',
});

/** A new server is well after its first success; else it takes as many in a row as the thresholds say. */
function note(engine: Engine, key: string, { check }: ClbListener, passed: boolean): void {
  const before = health(engine).get(key);
  if (!before) return;
  const enough = passed ? check.healthy : check.unhealthy;
  const count = before.streak.passed === passed ? before.streak.count + 1 : 1;
  const decided = count >= enough || (passed && before.state === 'unavailable');
  const state = decided ? (passed ? 'normal' : 'abnormal') : before.state;
  // What does not change is not written: checks go on for ever.
  const streak = { passed, count: Math.min(count, enough) };
  if (state !== before.state || streak.count !== before.streak.count || passed !== before.streak.passed)
    health(engine).patch(key, { state, streak });
}
