import { timingSafeEqual } from 'node:crypto';
import { faultsApi } from './daemon-faults.ts';
import { policiesApi } from './daemon-policies.ts';
import { rootKey } from './engine/credentials.ts';
import { instances } from './engine/ec2/instance-record.ts';
import type { Engine } from './engine/engine.ts';
import { ServiceError } from './engine/errors.ts';
import type { HttpAnswer } from './wire/protocols.ts';
import type { OwnRequest } from './wire/server.ts';

/** What the daemon knows of itself while it runs. */
export interface DaemonStatus {
  /** Instances by state. */
  instances: Record<string, number>;
}

/**
 * The daemon's own paths, for `bake local` and for tests; the bearer of the account's secret key may ask.
 * `/_bake/status`, `/_bake/console/INSTANCE`, `/_bake/faults` (see daemon-faults.ts),
 * `/_bake/policies` (see daemon-policies.ts).
 */
export async function daemonApi(engine: Engine, request: OwnRequest): Promise<HttpAnswer> {
  const { path, authorization } = request;
  if (!same(authorization ?? '', `Bearer ${rootKey(engine).secretAccessKey}`))
    return text(403, 'not allowed');
  try {
    if (path === '/_bake/status') return json(status(engine));
    if (path === '/_bake/faults') return json(await faultsApi(engine, request));
    if (path === '/_bake/policies') return json(await policiesApi(engine, request));
  } catch (error) {
    if (error instanceof ServiceError) return text(error.status, error.message);
    throw error;
  }
  const [, id] = /^\/_bake\/console\/(i-[0-9a-f]+)$/.exec(path) ?? [];
  if (id === undefined) return text(404, `not an instance id or path: ${path.split('/').at(-1)}`);
  if (!instances(engine).has(id)) return text(404, `no instance ${id}`);
  return text(200, await engine.runtime.consoleOutput(id));
}

const json = (value: unknown): HttpAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

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
