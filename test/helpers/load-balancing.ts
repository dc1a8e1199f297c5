import type { VirtualClock } from '../../src/localcloud/engine/clock.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { runInstances } from '../../src/localcloud/engine/ec2/instances.ts';
import type { TestCloud } from './cloud.ts';

/** Running instances without processes; returns their ids. */
export async function launch({ engine }: TestCloud, clock: VirtualClock, count: number): Promise<string[]> {
  const launched = runInstances(engine, { imageId: baseImageId(engine), instanceType: 't3.micro' }, count);
  engine.settle();
  await engine.idle();
  clock.advance(1_000);
  return launched.map(({ instanceId }) => instanceId);
}
