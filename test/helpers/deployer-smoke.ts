import { smokeFleet } from '../../src/smoke/fleet.ts';
import { diagnose } from '../../src/upkeep/diagnose/diagnose.ts';
import { answeringRuntime } from './answering-runtime.ts';
import { machineAnswer } from './machine-answer.ts';
import { type Outcome, outcomeOf, type Policy } from './policies.ts';
import { RolloutWorld } from './rollout-world.ts';

const SENT = 'sent since the rollout began';

/** Smoke tests of every kind, one that is interrupted while a script runs, a message that becomes a dead letter; then a diagnosis. */
export async function smokeScenario(policy: Policy): Promise<Outcome> {
  const interrupt = new AbortController();
  let interrupting = false;
  const runtime = answeringRuntime((_id, script) => {
    if (interrupting) interrupt.abort();
    return script.includes('@user-data') ? machineAnswer() : 'bake-answer SFRUUC8xLjEgMjAwIE9LDQoNCg==\n';
  });
  const world = await RolloutWorld.start({ policy, runtime });
  try {
    const { logGroup } = world.workers;
    const sqs = { queue: 'jobs', message: 'job ${smoke.id}', logGroup, timeout: '1m', answers: 2 };
    const smoke = { sqs, logs: { group: logGroup, settle: '1s' }, http: [{}], commands: [{ run: 'true' }] };
    const project = world.project({ smoke, fleet: { instanceProfile: 'worker' } });
    await world.addRelease(project, '1');
    const dead = (await world.root.queues.find('jobs-dead'))!;
    const said: string[] = [];
    const outcome = await outcomeOf(world.local, async () => {
      await world.apply(project);
      await smokeFleet(world.run(), world.cloud, project);
      let once = true;
      world.meanwhile = async () => {
        if (once) await world.root.queues.send(dead.url, SENT, {});
        once = false;
      };
      await smokeFleet(world.run(), world.cloud, project).catch((error: Error) => said.push(error.message));
      interrupting = true;
      await smokeFleet(world.run(interrupt.signal), world.cloud, project).catch(() => {});
      interrupting = false;
      return diagnose(world.run(), world.cloud, project);
    });
    return { ...outcome, said: outcome.said + said.join('\n') + JSON.stringify(world.events) };
  } finally {
    await world.close();
  }
}
