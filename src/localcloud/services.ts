import { installAutoScaling } from './engine/autoscaling/index.ts';
import { installCloudWatch } from './engine/cloudwatch/index.ts';
import { installCommands } from './engine/commands/run.ts';
import { installEc2 } from './engine/ec2/index.ts';
import { installLoadBalancing } from './engine/elb/index.ts';
import type { Engine } from './engine/engine.ts';
import { installFaults } from './engine/faults/index.ts';
import { installQueues } from './engine/queues/waiters.ts';
import { installS3 } from './engine/s3/buckets.ts';
import { autoScalingService } from './wire/autoscaling/index.ts';
import { cloudWatchService } from './wire/cloudwatch/index.ts';
import { ec2Service } from './wire/ec2/index.ts';
import { loadBalancingService } from './wire/elbv2/index.ts';
import { iamService } from './wire/iam/index.ts';
import { logsService } from './wire/logs/index.ts';
import { s3Service } from './wire/s3/index.ts';
import type { Service } from './wire/service.ts';
import { sqsService } from './wire/sqs/index.ts';
import { ssmService } from './wire/ssm/index.ts';
import { stsService } from './wire/sts/index.ts';

/** Everything that the embedded cloud offers: puts each part's state machines into the engine and returns the services. */
export function installServices(engine: Engine): Service[] {
  installFaults(engine);
  installEc2(engine);
  installLoadBalancing(engine);
  installAutoScaling(engine);
  installCommands(engine);
  installQueues(engine);
  installCloudWatch(engine);
  installS3(engine);
  return [
    autoScalingService(),
    cloudWatchService(),
    ec2Service(),
    loadBalancingService(),
    iamService(),
    logsService(),
    s3Service(),
    sqsService(),
    ssmService(),
    stsService(),
  ];
}
