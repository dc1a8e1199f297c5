import { callAlibaba } from './alicloud.ts';
import type { TestCloud } from './cloud.ts';

/** A CLB whose listener at port 80 sends to one virtual server group, by HTTP checks of /health. Returns the group's id and the address. */
export async function makeServerGroup(cloud: TestCloud): Promise<{ id: string; address: string }> {
  const slb = (action: string, parameters: Record<string, unknown>) =>
    callAlibaba(cloud, 'slb', action, { RegionId: cloud.region, ...parameters });
  const { LoadBalancerId, Address } = await slb('CreateLoadBalancer', { LoadBalancerName: 'web' });
  const { VServerGroupId } = await slb('CreateVServerGroup', { LoadBalancerId, VServerGroupName: 'web' });
  await slb('CreateLoadBalancerHTTPListener', {
    ...{ LoadBalancerId, VServerGroupId, ListenerPort: 80, Bandwidth: -1 },
    ...{ HealthCheck: 'on', HealthCheckURI: '/health', HealthCheckInterval: 5 },
  });
  await slb('StartLoadBalancerListener', { LoadBalancerId, ListenerPort: 80, ListenerProtocol: 'http' });
  return { id: String(VServerGroupId), address: String(Address) };
}
