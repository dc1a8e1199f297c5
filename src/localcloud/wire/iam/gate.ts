import { ServiceError } from '../../engine/errors.ts';
import { decide, enforces } from '../../engine/iam/enforcement.ts';
import type { Decision } from '../../engine/iam/evaluate.ts';
import { type Context, inLowerCase } from '../../engine/iam/patterns.ts';
import { principalOf } from '../../engine/iam/principals.ts';
import { principals } from '../../engine/iam/records.ts';
import type { Input } from '../input.ts';
import type { RequestContext } from '../service.ts';
import { requirementsOf } from './requirements/index.ts';
import type { Requirement } from './requirements/requirement.ts';

/**
 * Lets a request pass when policies are not enforced, or the caller's allow every permission that it needs.
 * @throws in the service's own words for a denial
 */
export function authorize(
  service: string,
  operation: string,
  input: Input,
  context: Pick<RequestContext, 'engine' | 'caller' | 'path' | 'region'>,
): void {
  const { engine, caller, path, region } = context;
  if (!enforces(engine)) return;
  const asked = { engine, service, operation, input, path, region };
  const always = globalContext(context);
  for (const requirement of requirementsOf(asked)) {
    const { action, resource } = requirement;
    const request = { action, resource, context: inLowerCase({ ...always, ...requirement.context }) };
    const decision = decide(engine, caller.arn, request, 'iam');
    if (decision !== 'allowed') throw denial(service, caller.arn, requirement, decision);
  }
}

/** Keys that every request has. Source: IAM "AWS global condition context keys". */
function globalContext({
  engine,
  caller,
  region,
}: Pick<RequestContext, 'engine' | 'caller' | 'region'>): Context {
  const principal = principalOf(caller.arn);
  const now = engine.clock.now();
  return {
    ...(principal && {
      'aws:PrincipalArn': principalArn(engine, principal),
      'aws:userid': caller.accessKeyId,
      'aws:PrincipalType': principal.kind === 'user' ? 'User' : 'AssumedRole',
    }),
    ...(principal?.kind === 'user' && { 'aws:username': principal.name }),
    'aws:PrincipalAccount': caller.account,
    'aws:RequestedRegion': region,
    'aws:SourceIp': '127.0.0.1',
    'aws:SecureTransport': 'false',
    'aws:CurrentTime': new Date(now).toISOString(),
    'aws:EpochTime': String(Math.floor(now / 1_000)),
  };
}

function principalArn(
  engine: RequestContext['engine'],
  { kind, name }: { kind: 'user' | 'role'; name: string },
): string {
  const known = principals(engine).get(`${kind}/${name}`);
  return known?.arn ?? `arn:aws:iam::${engine.account}:${kind}/${name}`;
}

/** Services of the JSON protocols call it AccessDeniedException, EC2 UnauthorizedOperation, the others AccessDenied. */
function denial(service: string, caller: string, { action, resource }: Requirement, decision: Decision) {
  const because =
    decision === 'explicitly denied'
      ? 'with an explicit deny in an identity-based policy'
      : `because no identity-based policy allows the ${action} action`;
  const sentence = `User: ${caller} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
  if (service === 'ec2')
    return new ServiceError(
      'UnauthorizedOperation',
      `You are not authorized to perform this operation. ${sentence}`,
      403,
    );
  if (service === 'ssm' || service === 'logs')
    return new ServiceError('AccessDeniedException', sentence, 400);
  return new ServiceError('AccessDenied', sentence, 403);
}
