import { timingSafeEqual } from 'node:crypto';
import { rootKey } from './engine/credentials.ts';
import { instances } from './engine/ec2/instance-record.ts';
import type { Engine } from './engine/engine.ts';
import type { HttpAnswer } from './wire/protocols.ts';
import type { OwnRequest } from './wire/server.ts';

/** What the daemon knows of itself while it runs. */
export interface DaemonStatus {
  /** Instances by state. */
  instances: Record<string, number>;
}

/** The daemon's own paths, for `bake local`: `/_bake/status` and `/_bake/console/INSTANCE`. The bearer of the account's secret key may ask. */
export async function daemonApi(
  engine: Engine,
  { path, authorization }: OwnRequest,
): Promise<HttpAnswer> {
  if (!same(authorization ?? '', `Bearer ${rootKey(engine).secretAccessKey}`))
    return text(403, 'not allowed');
  if (path === '/_bake/status') {
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(status(engine)),
    };
  }
  const [, id] = /^\/_bake\/console\/(i-[0-9a-f]+)$/.exec(path) ?? [];
  if (id === undefined) return text(404, `not an instance id or path: ${path.split('/').at(-1)}`);
  if (!instances(engine).has(id)) return text(404, `no instance ${id}`);
  return text(200, await engine.runtime.consoleOutput(id));
}

function status(engine: Engine): DaemonStatus {
  const byState: Record<string, number> = {};
  for (const { state } of instances(engine).all()) byState[state] = (byState[state] ?? 0) + 1;
  return { instances: byState };
}

const text = (status: number, body: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body,
});

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
