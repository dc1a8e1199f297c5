import { ServiceError } from '../../../engine/errors.ts';
import { decide, enforces } from '../../../engine/iam/enforcement.ts';
import type { Decision } from '../../../engine/iam/evaluate.ts';
import { inLowerCase } from '../../../engine/iam/patterns.ts';
import { principalOf } from '../../../engine/iam/principals.ts';
import type { Input } from '../../input.ts';
import type { RequestContext } from '../../service.ts';
import { accountId } from '../account.ts';
import { ramRequirements } from './requirements/index.ts';
import { requestTags } from './requirements/resources.ts';

/** A refusal, with what the error's body tells of it besides. Source: RAM "AccessDeniedDetail". */
export class AccessDenied extends ServiceError {
  readonly detail: Record<string, string>;

  constructor(detail: Record<string, string>) {
    super(
      'Forbidden.RAM',
      "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
      403,
    );
    this.detail = detail;
  }
}

/**
 * Lets a request pass when policies are not enforced, or the caller's RAM policies allow every permission that it needs.
 * @throws Forbidden.RAM
 */
export function authorizeRam(
  product: string,
  operation: string,
  input: Input,
  context: Pick<RequestContext, 'engine' | 'caller' | 'path' | 'region'>,
): void {
  const { engine, caller, path, region } = context;
  if (!enforces(engine)) return;
  const always = {
    'acs:SourceIp': '127.0.0.1',
    'acs:SecureTransport': 'false',
    'acs:MFAPresent': 'false',
    'acs:CurrentTime': new Date(engine.clock.now()).toISOString(),
    ...requestTags(input),
  };
  const asked = { engine, service: product, operation, input, path, region };
  for (const { action, resource, context: more } of ramRequirements(asked)) {
    const request = { action, resource, context: inLowerCase({ ...always, ...more }) };
    const decision = decide(engine, caller.arn, request, 'ram');
    if (decision !== 'allowed') throw new AccessDenied(detailOf(context, action, decision));
  }
}

function detailOf(
  context: Pick<RequestContext, 'engine' | 'caller'>,
  action: string,
  decision: Decision,
): Record<string, string> {
  const principal = principalOf(context.caller.arn);
  return {
    AuthAction: action,
    AuthPrincipalDisplayName: principal?.name ?? '',
    AuthPrincipalOwnerId: accountId(context),
    AuthPrincipalType: principal?.kind === 'role' ? 'AssumedRoleUser' : 'SubUser',
    NoPermissionType: decision === 'explicitly denied' ? 'ExplicitDeny' : 'ImplicitDeny',
    PolicyType: 'AccountLevelIdentityBasedPolicy',
  };
}
