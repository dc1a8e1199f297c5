import { freeBalancerAddress } from '../ec2/addresses.ts';
import { defaultVpc, type SubnetRecord, subnets } from '../ec2/network.ts';
import { defaultGroup, securityGroups } from '../ec2/security-groups.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { attributeOf } from './attributes.ts';
import { deleteListener } from './listeners.ts';
import { elbArn, type LoadBalancerRecord, listeners, loadBalancers } from './records.ts';

export interface LoadBalancerSpec {
  name: string;
  type: LoadBalancerRecord['type'];
  scheme: string;
  ipAddressType: string;
  /** Without any: the default VPC's, one per zone. */
  subnetIds: string[];
  /** Without any: the default group, for an application load balancer. */
  securityGroupIds: string[];
  tags: Record<string, string>;
}

/**
 * Makes a load balancer; it is active at once. One with the same name and the same settings is returned as it is.
 * Throws DuplicateLoadBalancerName, SubnetNotFound, InvalidConfigurationRequest, InvalidSecurityGroup.
 */
export function createLoadBalancer(engine: Engine, spec: LoadBalancerSpec): LoadBalancerRecord {
  const { name, type, scheme, ipAddressType, tags } = spec;
  const chosen = chooseSubnets(engine, spec.subnetIds);
  const vpcId = chosen[0]!.vpcId;
  const groups =
    spec.securityGroupIds.length > 0 ? spec.securityGroupIds : defaultGroups(engine, type, vpcId);
  for (const id of groups) {
    if (!securityGroups(engine).has(id))
      throw new ServiceError('InvalidSecurityGroup', `One or more security groups are invalid: ${id}`);
  }
  const existing = loadBalancers(engine).filter((one) => one.name === name)[0];
  if (existing) {
    if (existing.type === type && existing.scheme === scheme && existing.vpcId === vpcId) return existing;
    throw new ServiceError(
      'DuplicateLoadBalancerName',
      `A load balancer with the same name '${name}' exists, but with different settings`,
    );
  }
  const kind = type === 'network' ? 'net' : 'app';
  const arn = elbArn(engine, `loadbalancer/${kind}/${name}/${engine.ids.hex(16)}`);
  return loadBalancers(engine).put(arn, {
    arn,
    name,
    type,
    scheme,
    vpcId,
    subnets: chosen.map(({ subnetId, zone }) => ({ subnetId, zone })),
    securityGroups: groups,
    ipAddressType,
    attributes: {},
    tags,
    createdAt: engine.clock.now(),
    address: freeBalancerAddress(engine),
  });
}

const defaultGroups = (engine: Engine, type: LoadBalancerRecord['type'], vpcId: string): string[] =>
  type === 'application' ? [defaultGroup(engine, vpcId).groupId] : [];

/** Subnets of one VPC. Throws SubnetNotFound, InvalidConfigurationRequest. */
export function chooseSubnets(engine: Engine, ids: string[]): SubnetRecord[] {
  const { vpcId } = defaultVpc(engine);
  const chosen =
    ids.length === 0
      ? subnets(engine).filter((subnet) => subnet.vpcId === vpcId && subnet.isDefault)
      : ids.map((id) => {
          const subnet = subnets(engine).get(id);
          if (!subnet) throw new ServiceError('SubnetNotFound', `The subnet ID '${id}' does not exist`);
          return subnet;
        });
  if (new Set(chosen.map((subnet) => subnet.vpcId)).size > 1)
    throw new ServiceError('InvalidConfigurationRequest', 'All subnets must belong to the same VPC');
  if (new Set(chosen.map((subnet) => subnet.zone)).size < chosen.length) {
    throw new ServiceError(
      'InvalidConfigurationRequest',
      'A load balancer cannot be attached to multiple subnets in the same Availability Zone',
    );
  }
  return chosen;
}

/** Throws LoadBalancerNotFound. */
export function findLoadBalancer(engine: Engine, arn: string): LoadBalancerRecord {
  const found = loadBalancers(engine).get(arn);
  if (!found) throw new ServiceError('LoadBalancerNotFound', `Load balancer '${arn}' not found`);
  return found;
}

/** With its listeners; its target groups stay. One that is not there is no error. Throws OperationNotPermitted. */
export function deleteLoadBalancer(engine: Engine, arn: string): void {
  const balancer = loadBalancers(engine).get(arn);
  if (!balancer) return;
  if (attributeOf(balancer, 'deletion_protection.enabled') === 'true') {
    throw new ServiceError(
      'OperationNotPermitted',
      `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
    );
  }
  for (const listener of listeners(engine).filter(({ loadBalancerArn }) => loadBalancerArn === arn))
    deleteListener(engine, listener.arn);
  loadBalancers(engine).delete(arn);
}
