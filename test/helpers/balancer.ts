import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TestCloud } from './cloud.ts';

export interface Balancer {
  client: ElasticLoadBalancingV2Client;
  arn: string;
  /** Where it listens. */
  address: string;
  listenerArn: string;
  /** Of the target groups, in the order in which they were named. */
  targetGroups: string[];
  close(): void;
}

/**
 * An application load balancer with one listener that sends everything to the first of these target groups, and names the others
 * with weight 0. `check`: seconds between two health checks; `drain`: deregistration delay in seconds.
 */
export async function makeBalancer(
  { client: config }: Pick<TestCloud, 'client'>,
  names: string[],
  { port = 80, check = 5, drain = 30 } = {},
): Promise<Balancer> {
  const client = new ElasticLoadBalancingV2Client(config);
  const made = await client.send(new CreateLoadBalancerCommand({ Name: 'web' }));
  const { LoadBalancerArn: arn, DNSName: address } = made.LoadBalancers![0]!;
  const targetGroups: string[] = [];
  for (const Name of names) {
    const { TargetGroups } = await client.send(
      new CreateTargetGroupCommand({
        Name,
        Protocol: 'HTTP',
        Port: port,
        HealthCheckPath: '/health',
        HealthCheckIntervalSeconds: check,
        HealthCheckTimeoutSeconds: 2,
        HealthyThresholdCount: 2,
      }),
    );
    const { TargetGroupArn } = TargetGroups![0]!;
    targetGroups.push(TargetGroupArn!);
    const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value: String(drain) }];
    await client.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn, Attributes }));
  }
  const listener = await client.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: targetGroups.map((TargetGroupArn, index) => ({
              TargetGroupArn,
              Weight: index === 0 ? 100 : 0,
            })),
          },
        },
      ],
    }),
  );
  return {
    client,
    arn: arn!,
    address: address!,
    listenerArn: listener.Listeners![0]!.ListenerArn!,
    targetGroups,
    close: () => client.destroy(),
  };
}
