import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type ActionRecord, type LoadBalancerRecord, targetGroups } from './records.ts';
import { loadBalancersOf } from './use.ts';

const LARGEST_WEIGHT = 999;
const MOST_GROUPS = 5;

/** AWS: FixedResponseActionConfig. */
const CONTENT_TYPES = ['text/plain', 'text/css', 'text/html', 'application/javascript', 'application/json'];

/**
 * Throws TargetGroupNotFound, TargetGroupAssociationLimit, TooManyActions, InvalidLoadBalancerAction, IncompatibleProtocols,
 * ValidationError.
 */
export function checkActions(engine: Engine, balancer: LoadBalancerRecord, actions: ActionRecord[]): void {
  if (actions.length !== 1)
    throw new ServiceError('TooManyActions', 'There must be one action: forward, redirect or fixed-response');
  for (const { type, forward, fixedResponse, redirect } of actions) {
    if (balancer.type === 'network' && type !== 'forward') {
      throw new ServiceError(
        'InvalidLoadBalancerAction',
        `A network load balancer does not have the action ${type}`,
      );
    }
    for (const { arn, weight } of forward?.targetGroups ?? []) {
      checkGroup(engine, balancer, arn);
      if (!Number.isInteger(weight) || weight < 0 || weight > LARGEST_WEIGHT)
        throw invalid(`Weight '${weight}' must be from 0 to ${LARGEST_WEIGHT}`);
    }
    if ((forward?.targetGroups.length ?? 1) > MOST_GROUPS)
      throw invalid(`A forward action can have up to ${MOST_GROUPS} target groups`);
    if (fixedResponse && !/^[245]\d\d$/.test(fixedResponse.statusCode))
      throw invalid(`StatusCode '${fixedResponse.statusCode}' must be 2XX, 4XX or 5XX`);
    if (fixedResponse?.contentType !== undefined && !CONTENT_TYPES.includes(fixedResponse.contentType))
      throw invalid(`ContentType '${fixedResponse.contentType}' must be one of ${CONTENT_TYPES.join(', ')}`);
    if (redirect && !['HTTP_301', 'HTTP_302'].includes(redirect.statusCode))
      throw invalid(`StatusCode '${redirect.statusCode}' must be HTTP_301 or HTTP_302`);
  }
}

/** A group belongs to one load balancer at most, and to one that speaks its protocol. */
function checkGroup(engine: Engine, balancer: LoadBalancerRecord, arn: string): void {
  const group = targetGroups(engine).get(arn);
  if (!group) throw new ServiceError('TargetGroupNotFound', `Target groups '${arn}' not found`);
  const wanted = balancer.type === 'application' ? 'HTTP' : 'TCP';
  if (group.protocol !== wanted) {
    throw new ServiceError(
      'IncompatibleProtocols',
      `The protocol ${group.protocol} of target group '${arn}' does not go with an ${balancer.type} load balancer`,
    );
  }
  if (loadBalancersOf(engine, arn).some((other) => other !== balancer.arn)) {
    throw new ServiceError(
      'TargetGroupAssociationLimit',
      `The following target groups cannot be associated with more than one load balancer: ${arn}`,
    );
  }
}

const invalid = (message: string) => new ServiceError('ValidationError', message);
