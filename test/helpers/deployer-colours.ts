import { cutOver } from '../../src/rollout/blue-green/cutover.ts';
import { retireExpired } from '../../src/rollout/blue-green/retire-expired.ts';
import { blueGreenProject, startWorkers } from './blue-green-world.ts';
import { outcomeOf, type Scenario } from './policies.ts';

/** A blue-green rollout of queue workers, a cutover back, and the end of the colour that was kept. */
export const coloursScenario: Scenario = async (policy) => {
  const world = await startWorkers({ policy });
  try {
    const project = blueGreenProject(world, { retire: 'later', hold: '10m' });
    await world.addRelease(project, '1');
    const outcome = await outcomeOf(world.local, async () => {
      await world.apply(project);
      await world.addRelease(project, '2');
      await world.rollOut(project);
      await cutOver(world.run(), world.cloud, project, { mode: 'emergency' });
      await world.clock.sleep(700_000);
      return retireExpired(world.run(), world.cloud, project);
    });
    return { ...outcome, said: outcome.said + JSON.stringify(world.events) };
  } finally {
    await world.close();
  }
};
