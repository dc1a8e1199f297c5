import { z } from 'zod';
import { parseBody } from './daemon-body.ts';
import { capacity } from './engine/ec2/capacity.ts';
import { eventualConsistency, setEventualConsistency } from './engine/ec2/consistency.ts';
import type { Engine } from './engine/engine.ts';
import {
  changeFaultSettings,
  fates,
  faultSettings,
  instanceRules,
  requestRules,
} from './engine/faults/records.ts';
import type { OwnRequest } from './wire/server.ts';

const whole = z.int().positive();

const occasion = {
  nth: whole.optional(),
  every: whole.optional(),
  probability: z.number().min(0).max(1).optional(),
  count: whole.optional(),
};

const faults = z.strictObject({
  /** Decides about chance; 1 at first. */
  seed: z.int().optional(),
  /** See engine/faults/records.ts. */
  requests: z
    .array(
      z.strictObject({
        ...occasion,
        service: z.string().optional(),
        operation: z.string().optional(),
        effect: z.enum(['throttle', 'error', 'latency', 'hang', 'lost-answer', 'http-500']),
        code: z.string().optional(),
        message: z.string().optional(),
        status: z.int().min(400).max(599).optional(),
        milliseconds: z.number().nonnegative().optional(),
      }),
    )
    .default([]),
  instances: z
    .array(
      z.strictObject({
        ...occasion,
        instanceId: z.string().optional(),
        tags: z.record(z.string(), z.string()).optional(),
        imageId: z.string().optional(),
        effect: z.enum(['fail-boot', 'die', 'unhealthy', 'reclaim-spot']),
        milliseconds: z.number().nonnegative().optional(),
      }),
    )
    .default([]),
  /** How many more instances of a type a zone can launch. */
  capacity: z
    .array(z.strictObject({ type: z.string(), zone: z.string(), available: z.int().nonnegative() }))
    .default([]),
  /** For so many milliseconds describe operations do not find what was just made. */
  eventualConsistency: z.number().nonnegative().optional(),
});

/**
 * `/_bake/faults`. GET: the rules with how often each was met and has struck. POST: adds rules, sets capacity and consistency.
 * DELETE: there are none any more, capacity is without limits, and all is found at once.
 */
export async function faultsApi(engine: Engine, { method, body }: OwnRequest): Promise<unknown> {
  if (method === 'DELETE') clearFaults(engine);
  if (method === 'POST') addFaults(engine, await body());
  engine.settle();
  return {
    seed: faultSettings(engine).seed,
    requests: requestRules(engine).all(),
    instances: instanceRules(engine).all(),
    capacity: capacity(engine).all(),
    eventualConsistency: eventualConsistency(engine),
  };
}

/** Adds what a JSON text says: the body of a POST, or a file. */
export function addFaults(engine: Engine, text: string): void {
  const given = parseBody(faults, text);
  let { rules } = faultSettings(engine);
  for (const rule of given.requests) {
    const id = `fault-${++rules}`;
    requestRules(engine).put(id, { ...rule, id, seen: 0, fired: 0 });
  }
  for (const rule of given.instances) {
    const id = `fault-${++rules}`;
    instanceRules(engine).put(id, { ...rule, id, seen: 0, fired: 0 });
  }
  for (const record of given.capacity) capacity(engine).put(`${record.type}/${record.zone}`, record);
  if (given.eventualConsistency !== undefined) setEventualConsistency(engine, given.eventualConsistency);
  changeFaultSettings(engine, { rules, ...(given.seed !== undefined && { seed: given.seed }) });
}

export function clearFaults(engine: Engine): void {
  for (const table of [requestRules(engine), instanceRules(engine), fates(engine), capacity(engine)])
    for (const [key] of [...table.entries()]) table.delete(key);
  setEventualConsistency(engine, 0);
  changeFaultSettings(engine, { rules: 0, seed: 1 });
}
