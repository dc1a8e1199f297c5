import { installEc2 } from './engine/ec2/index.ts';
import type { Engine } from './engine/engine.ts';
import { installQueues } from './engine/queues/waiters.ts';
import { ec2Service } from './wire/ec2/index.ts';
import { logsService } from './wire/logs/index.ts';
import type { Service } from './wire/service.ts';
import { sqsService } from './wire/sqs/index.ts';
import { stsService } from './wire/sts/index.ts';

/** Everything that the embedded cloud offers: puts each part's state machines into the engine and returns the services. */
export function installServices(engine: Engine): Service[] {
  installEc2(engine);
  installQueues(engine);
  return [ec2Service(), logsService(), sqsService(), stsService()];
}
