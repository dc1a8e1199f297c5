import { z } from 'zod';
import { parseBody } from './daemon-body.ts';
import type { Engine } from './engine/engine.ts';
import {
  enforces,
  forgetDecisions,
  grantedActions,
  recordedDecisions,
  setEnforcement,
} from './engine/iam/enforcement.ts';
import { createAccessKey } from './engine/iam/keys.ts';
import { createPrincipal, putInlinePolicy } from './engine/iam/principals.ts';
import { principals } from './engine/iam/records.ts';
import type { OwnRequest } from './wire/server.ts';

const change = z.strictObject({
  /** Whether policies decide; off at first. */
  enforce: z.boolean().optional(),
  /** By name: what they may do from now on (other inline policies of theirs go). A user also gets a new key. */
  principals: z
    .record(
      z.string(),
      z.strictObject({
        kind: z.enum(['user', 'role']).default('user'),
        /** Documents by name, as JSON or as text. */
        policies: z.record(z.string(), z.union([z.string(), z.looseObject({})])),
      }),
    )
    .optional(),
});

/**
 * `/_bake/policies`. GET: whether they are enforced, every decision since they were last forgotten, and what each principal was
 * granted and has not used. POST: see above. DELETE: forgets the decisions.
 */
export async function policiesApi(engine: Engine, { method, body }: OwnRequest): Promise<unknown> {
  if (method === 'DELETE') forgetDecisions(engine);
  const keys = method === 'POST' ? apply(engine, parseBody(change, await body())) : undefined;
  engine.settle();
  if (keys) return { enforced: enforces(engine), principals: keys };
  return {
    enforced: enforces(engine),
    decisions: recordedDecisions(engine),
    principals: grantedActions(engine),
  };
}

function apply(engine: Engine, { enforce, principals: wanted = {} }: z.infer<typeof change>) {
  const made: Record<string, { arn: string; accessKeyId?: string; secretAccessKey?: string }> = {};
  for (const [name, { kind, policies }] of Object.entries(wanted)) {
    const { arn } = principals(engine).get(`${kind}/${name}`) ?? createPrincipal(engine, kind, name);
    principals(engine).patch(`${kind}/${name}`, { policies: {} });
    for (const [policyName, document] of Object.entries(policies)) {
      const written = typeof document === 'string' ? document : JSON.stringify(document);
      putInlinePolicy(engine, kind, name, policyName, written);
    }
    const key = kind === 'user' ? createAccessKey(engine, name) : undefined;
    made[name] = { arn, accessKeyId: key?.accessKeyId, secretAccessKey: key?.secretAccessKey };
  }
  if (enforce !== undefined) setEnforcement(engine, enforce);
  return made;
}
