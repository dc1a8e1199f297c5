import { clbBalancers, clbServerGroups } from '../../../../engine/clb/records.ts';
import { ServiceError } from '../../../../engine/errors.ts';
import { type Asked, type Requirement, textsOf } from '../../../iam/requirements/requirement.ts';
import { ecsRequirements } from './ecs.ts';
import { essRequirements } from './ess.ts';
import { acs, resourceTags } from './resources.ts';

const BY_PRODUCT: Record<string, (asked: Asked) => Requirement[]> = {
  ecs: ecsRequirements,
  ess: essRequirements,
  oos: oosRequirements,
  slb: slbRequirements,
  // Whoever has keys may ask who they belong to.
  sts: () => [],
};

/** Every permission that a request to Alibaba Cloud needs, in the order in which they are asked for. */
export function ramRequirements(asked: Asked): Requirement[] {
  const plain = [{ action: `${asked.service}:${asked.operation}`, resource: '*' }];
  try {
    return BY_PRODUCT[asked.service]?.(asked) ?? plain;
  } catch (error) {
    // Malformed: the operation itself will say so, to whoever may use it at all.
    if (error instanceof ServiceError || error instanceof SyntaxError) return plain;
    throw error;
  }
}

/** A virtual server group is asked for as its load balancer. Source: SLB "RAM authentication". */
function slbRequirements(asked: Asked): Requirement[] {
  const { engine, operation, input } = asked;
  const action = `slb:${operation}`;
  if (operation.startsWith('Describe')) return [{ action, resource: '*' }];
  const [group = ''] = textsOf(input, 'VServerGroupId');
  const [named = clbServerGroups(engine).get(group)?.balancerId ?? '*'] = textsOf(input, 'LoadBalancerId');
  const context = resourceTags(clbBalancers(engine).get(named)?.tags ?? {}, 'slb');
  return [{ action, resource: acs(asked, 'slb', 'loadbalancer', named), context }];
}

/** A name that is a path keeps one slash: `parameter/bake/lock`. Source: OOS, parameters in policies of the vendor's own services. */
function oosRequirements(asked: Asked): Requirement[] {
  const action = `oos:${asked.operation}`;
  const [name] = textsOf(asked.input, 'Name');
  const resource = name === undefined ? '*' : acs(asked, 'oos', 'parameter', name.replace(/^\//, ''));
  return [{ action, resource }];
}
