import {
  AuthorizeSecurityGroupEgressCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { afterEach, describe, expect, it } from 'vitest';
import type { Project } from '../../src/config/schema.ts';
import { diagnose } from '../../src/upkeep/diagnose/diagnose.ts';
import { diagnosisHeadline, diagnosisLines } from '../../src/upkeep/diagnose/text.ts';
import { type Answering, answeringRuntime } from '../helpers/answering-runtime.ts';
import { brokenUnit, machineAnswer } from '../helpers/machine-answer.ts';
import { shippedPolicy, without } from '../helpers/policies.ts';
import { RolloutWorld } from '../helpers/rollout-world.ts';

let world: RolloutWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

/** A fleet of three with release 1, whose machines answer so. */
async function fleet(
  answer: Answering = () => machineAnswer(),
  options: { policy?: object; fleet?: object } = {},
): Promise<{ world: RolloutWorld; project: Project }> {
  world = await RolloutWorld.start({ runtime: answeringRuntime(answer), policy: options.policy });
  const project = world.project({ fleet: { instanceProfile: 'worker', ...options.fleet } });
  await world.addRelease(project, '1');
  await world.apply(project);
  return { world, project };
}

async function found({ world, project }: { world: RolloutWorld; project: Project }) {
  const diagnosis = await diagnose(world.run(), world.cloud, project);
  return { ...diagnosis, headline: diagnosisHeadline(diagnosis), text: diagnosisLines(diagnosis).join('\n') };
}

describe('a healthy fleet', () => {
  it('has nothing wrong, which is said plainly with what was looked at', async () => {
    const diagnosis = await found(await fleet());
    expect(diagnosis).toMatchObject({ headline: 'workers: nothing wrong found', findings: [], blind: [] });
    expect(diagnosis.text).toContain('3 instances, 3 in service and healthy; 3 of them asked by command');
    expect(diagnosis.text).toContain('queue jobs: 0 waiting, 0 in flight; 0 in jobs-dead');
  });

  it('with a message on its way is not blamed for it', async () => {
    const there = await fleet();
    for (let n = 0; n < 3; n++)
      await there.world.root.queues.send(there.world.workers.queueUrl, `job ${n}`, {});
    expect((await found(there)).findings).toEqual([]);
  });
});

describe('a sick fleet is told', () => {
  it('that its security group lets nothing out, with the command that opens it', async () => {
    const there = await fleet();
    const ec2 = new EC2Client(there.world.local.client);
    const [instance] = (await there.world.cloud.groups.find('workers'))!.instances;
    const [machine] = await there.world.cloud.instances.find([instance!.id]);
    const [GroupId] = machine!.securityGroupIds;
    const IpPermissions = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions }));
    const diagnosis = await found(there);
    expect(diagnosis.findings[0]).toMatchObject({
      cause: 'no egress',
      weight: 'certain',
      summary: expect.stringContaining('the security group lets nothing out on 3 of 3 instances'),
      evidence: [`${GroupId} (default): no outbound rule`],
      advice: [expect.stringContaining(`authorize-security-group-egress --group-id ${GroupId}`)],
    });
    const dns = [{ IpProtocol: 'udp', FromPort: 53, ToPort: 53, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ GroupId, IpPermissions: dns }));
    expect((await found(there)).findings[0]!.summary).toContain('lets nothing out to port 443');
    ec2.destroy();
  });

  it('that its worker runs and takes nothing, when that is so', async () => {
    const there = await fleet();
    there.world.workers.behaviours.set('1', 'deaf');
    for (let n = 0; n < 3; n++)
      await there.world.root.queues.send(there.world.workers.queueUrl, `job ${n}`, {});
    const { findings } = await found(there);
    expect(findings).toMatchObject([
      {
        cause: 'worker not consuming',
        weight: 'likely',
        summary: expect.stringMatching(
          /^3 messages wait in jobs, and none was taken in \d+ s though 3 instances are in service$/,
        ),
        evidence: expect.arrayContaining([expect.stringMatching(/^i-[0-9a-f]+: worker\.service runs$/)]),
      },
    ]);
  });

  it('that its dead-letter queue fills, without anything being taken out of it', async () => {
    const there = await fleet();
    const dead = (await there.world.root.queues.find('jobs-dead'))!;
    await there.world.root.queues.send(dead.url, 'the customer’s secret', {});
    const diagnosis = await found(there);
    expect(diagnosis.findings).toMatchObject([
      {
        cause: 'dead-letter queue filling',
        weight: 'likely',
        summary: '1 message could not be processed and lies in jobs-dead, 1 of them sent in the last hour',
      },
    ]);
    expect(JSON.stringify(diagnosis)).not.toContain('secret');
    await there.world.clock.sleep(2_000);
    expect((await there.world.root.queues.find('jobs-dead'))!.visible).toBe(1);
  });

  it('that old dead letters lie there, which alone is no trouble', async () => {
    const there = await fleet();
    const dead = (await there.world.root.queues.find('jobs-dead'))!;
    await there.world.root.queues.send(dead.url, 'old', {});
    for (let minute = 0; minute < 61; minute += 5) await there.world.clock.sleep(300_000);
    const diagnosis = await found(there);
    expect(diagnosis.findings).toMatchObject([{ cause: 'dead-letter queue filling', weight: 'possible' }]);
    expect(diagnosis.headline).toBe('workers: nothing wrong found; 1 thing may be worth a look');
  });

  it('which instances still run an old version', async () => {
    const there = await fleet();
    const { world } = there;
    const { template, instances } = (await world.root.groups.find('workers'))!;
    const version = await world.root.templates.createVersion({
      token: 'two',
      templateId: template.id,
      source: 1,
      description: 'release 2',
      settings: { tags: { 'bake:release': '2' } },
    });
    await world.root.groups.update('workers', { template: { id: template.id, version } });
    await world.root.groups.terminateInstance(instances[0]!.id, { decrementDesired: false });
    while (world.fleet !== '112') await world.clock.sleep(1_000);
    const { findings } = await found(there);
    expect(findings[0]).toMatchObject({
      cause: 'old versions still running',
      weight: 'certain',
      summary: '2 of 3 instances of workers run another version than version 2 (release 2)',
      evidence: [expect.stringMatching(/^i-[0-9a-f]+: version 1 \(release 1\)$/), expect.any(String)],
    });
  });

  it('that the kernel kills its worker for lack of memory', async () => {
    const unit = brokenUnit(
      'worker.service',
      'oom-kill',
      'worker.service: A process of this unit has been killed by the OOM killer.',
      "worker.service: Failed with result 'oom-kill'.",
    );
    const kernel = 'Out of memory: Killed process 2114 (node) total-vm:2113400kB, anon-rss:902144kB';
    const { findings } = await found(await fleet(() => machineAnswer({ unit, kernel })));
    expect(findings).toMatchObject([
      {
        cause: 'out of memory',
        weight: 'certain',
        summary: expect.stringMatching(/^processes end for lack of memory on 3 of 3 instances/),
        evidence: expect.arrayContaining([
          expect.stringContaining('worker.service was killed by the kernel (result oom-kill, 12 restarts)'),
          expect.stringContaining('kernel: Out of memory: Killed process 2114 (node)'),
        ]),
      },
    ]);
  });

  it('which permission its role lacks, once for every action', async () => {
    const denied = (id: string) =>
      `AccessDenied: User: arn:aws:sts::123456789012:assumed-role/worker/${id} is not authorized to perform: sqs:ReceiveMessage on resource: arn:aws:sqs:eu-central-1:123456789012:jobs because no identity-based policy allows it`;
    const { findings } = await found(
      await fleet((id) =>
        machineAnswer({ unit: brokenUnit('worker.service', 'exit-code', denied(id), 'exiting') }),
      ),
    );
    expect(findings).toMatchObject([
      {
        cause: 'missing permission',
        weight: 'certain',
        summary: expect.stringContaining(
          'instances are refused sqs:ReceiveMessage on arn:aws:sqs:eu-central-1:123456789012:jobs on 3 of 3 instances',
        ),
        advice: ['Allow sqs:ReceiveMessage in role worker; running instances have it within a minute.'],
      },
    ]);
  });

  it('that user data failed, from the console or from cloud-init alone', async () => {
    const { findings } = await found(await fleet(() => machineAnswer({ 'user-data': 'status: error' })));
    expect(findings).toMatchObject([
      {
        cause: 'user data error',
        weight: 'certain',
        summary: expect.stringContaining('on 3 of 3 instances'),
      },
    ]);
  });

  it('what explains the others first, when several things are wrong', async () => {
    const there = await fleet(() =>
      machineAnswer({
        unit: brokenUnit('worker.service', 'exit-code', 'Error: connect ETIMEDOUT 10.0.3.7:5432'),
        reach: 'sqs.eu-central-1.amazonaws.com:443 ok\ndb.internal:5432 no answer within 5 s',
        disk: '/dev/xvda1 8378348 8378348 0 100% /',
      }),
    );
    there.world.workers.behaviours.set('1', 'deaf');
    await there.world.root.queues.send(there.world.workers.queueUrl, 'job', {});
    const { findings } = await found(there);
    expect(findings.map(({ cause, weight }) => `${cause}: ${weight}`)).toEqual([
      'disk full: certain',
      'dependency not reachable: certain',
      'service fails: certain',
      'worker not consuming: possible',
    ]);
    expect(findings[2]!.evidence[0]).toMatch(
      /worker\.service keeps failing on i-.*: Error: connect ETIMEDOUT/,
    );
  });

  it('that launches fail, in the cloud’s words', async () => {
    const there = await fleet();
    const { root } = there.world;
    const { template } = (await root.groups.find('workers'))!;
    const settings = { imageId: 'ami-0123456789abcdef0' };
    const request = { token: 'bad', templateId: template.id, source: 1, description: '', settings };
    const version = await root.templates.createVersion(request);
    await root.groups.update('workers', { template: { id: template.id, version }, desired: 4 });
    await there.world.clock.sleep(120_000);
    const { findings } = await found(there);
    expect(findings[0]).toMatchObject({ cause: 'launches fail', weight: 'certain' });
    expect(findings[0]!.evidence[0]).toMatch(/^workers: .*ami-0123456789abcdef0/);
  });
});

describe('whoever may not look everywhere', () => {
  it('gets what can be seen, and is told which permissions are missing', async () => {
    let policy = shippedPolicy('deployer');
    for (const action of ['ssm:SendCommand', 'ec2:GetConsoleOutput', 'ec2:DescribeSecurityGroups'])
      for (const { Sid } of policy.Statement) policy = without(policy, { sid: Sid, action });
    const there = await fleet(undefined, { policy });
    there.world.workers.behaviours.set('1', 'deaf');
    await there.world.root.queues.send(there.world.workers.queueUrl, 'job', {});
    const diagnosis = await found(there);
    expect(diagnosis.findings).toMatchObject([{ cause: 'worker not consuming', weight: 'likely' }]);
    expect(diagnosis.blind.map(({ what }) => what).sort()).toEqual([
      'consoles',
      'security groups',
      'the instances by command',
    ]);
    for (const action of ['ssm:SendCommand', 'ec2:GetConsoleOutput', 'ec2:DescribeSecurityGroups'])
      expect(JSON.stringify(diagnosis.blind)).toContain(`is not allowed ${action}`);
    expect(diagnosis.headline).toBe('workers: worker not consuming; 3 places could not be looked at');
  });
});

it('changes nothing: a fleet and its queues are the same afterwards', async () => {
  const there = await fleet();
  const before = await there.world.root.groups.find('workers');
  await found(there);
  expect(await there.world.root.groups.find('workers')).toEqual(before);
});
