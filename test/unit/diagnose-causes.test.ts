import { describe, expect, test } from 'vitest';
import type { Instance, ScalingGroup } from '../../src/clouds/cloud.ts';
import { findingsIn, lookedAt } from '../../src/upkeep/diagnose/diagnose.ts';
import type { Facts, FleetInstance } from '../../src/upkeep/diagnose/facts.ts';
import { readMachineReport } from '../../src/upkeep/diagnose/machine-report.ts';
import { diagnosisHeadline, diagnosisLines } from '../../src/upkeep/diagnose/text.ts';
import { machineAnswer } from '../helpers/machine-answer.ts';

const NOW = 1_800_000_000_000;
const IDS = ['i-00000000000000001', 'i-00000000000000002'];
const [ONE, TWO] = IDS as [string, string];

const machine = (id: string, more: Partial<Instance> = {}): Instance => ({
  id,
  state: 'running',
  imageId: 'ami-1',
  instanceType: 't3.micro',
  instanceProfile: 'arn:aws:iam::123456789012:instance-profile/worker',
  securityGroupIds: ['sg-1'],
  launchedAt: NOW - 3_600_000,
  tags: {},
  ...more,
});

const member = (id: string, more: Partial<FleetInstance> = {}): FleetInstance => ({
  id,
  group: 'workers',
  lifecycle: 'InService',
  healthy: true,
  version: 2,
  release: '2',
  protectedFromScaleIn: false,
  machine: machine(id),
  ...more,
});

const group: ScalingGroup = {
  name: 'workers',
  min: 1,
  max: 4,
  desired: 2,
  template: { id: 'lt-1', name: 'workers', version: 2 },
  healthCheckType: 'EC2',
  healthCheckGrace: 0,
  subnets: [],
  zones: [],
  suspendedProcesses: [],
  protectFromScaleIn: false,
  metricsEnabled: true,
  targetGroups: [],
  tags: {},
  instances: [],
};

const facts = (changes: Partial<Facts> = {}): Facts => ({
  now: NOW,
  groups: [group],
  instances: IDS.map((id) => member(id)),
  releases: new Map([[2, '2']]),
  activities: [],
  refreshes: [],
  machines: IDS.map((id) => readMachineReport(id, machineAnswer())),
  silent: [],
  userData: [],
  securityGroups: [{ id: 'sg-1', name: 'open', outbound: [{ protocol: 'all', to: ['0.0.0.0/0'] }] }],
  targets: [],
  errors: [],
  telling: [],
  ...changes,
});

const only = (changes: Partial<Facts>) => {
  const found = findingsIn(facts(changes));
  expect(found, JSON.stringify(found, null, 1)).toHaveLength(1);
  return found[0]!;
};

test('a fleet that is well gives no finding', () => {
  expect(findingsIn(facts())).toEqual([]);
});

describe('a missing permission is read out of', () => {
  const told = (message: string) => only({ telling: [{ time: 0, stream: `worker/${ONE}`, message }] });

  test('what Python says, with the action as the service writes it', () => {
    const finding = told(
      'botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the ReceiveMessage operation: User: arn:aws:sts::123456789012:assumed-role/shop-worker/i-00000000000000001 is not authorized to perform: sqs:receivemessage on resource: arn:aws:sqs:eu-central-1:123456789012:jobs because no identity-based policy allows the sqs:receivemessage action',
    );
    expect(finding.summary).toBe(
      `instances are refused sqs:receivemessage on arn:aws:sqs:eu-central-1:123456789012:jobs on ${ONE} (1 of 2 instances)`,
    );
    expect(finding.advice[0]).toContain('in role shop-worker');
  });

  test('EC2’s sentence, which names nothing', () => {
    expect(
      told('UnauthorizedOperation: You are not authorized to perform this operation.').summary,
    ).toContain('instances are refused something');
  });

  test('several lines of one action once, and of two actions twice', () => {
    const line = (action: string, id: string) => ({
      time: 0,
      stream: id,
      message: `is not authorized to perform: ${action} on resource: arn:aws:s3:::files/x`,
    });
    const telling = [line('s3:GetObject', ONE), line('s3:GetObject', TWO), line('s3:PutObject', TWO)];
    const found = findingsIn(facts({ telling }));
    expect(found.map(({ summary }) => summary)).toEqual([
      `instances are refused s3:GetObject on arn:aws:s3:::files/x on 2 of 2 instances (${ONE}, ${TWO})`,
      `instances are refused s3:PutObject on arn:aws:s3:::files/x on ${TWO} (1 of 2 instances)`,
    ]);
  });

  test('the lack of any credentials, with the profile that is not there', () => {
    const instances = [member(ONE, { machine: machine(ONE, { instanceProfile: undefined }) }), member(TWO)];
    const telling = [
      {
        time: 0,
        stream: ONE,
        message: 'CredentialsProviderError: Could not load credentials from any providers',
      },
    ];
    const finding = only({ instances, telling });
    expect(finding).toMatchObject({ cause: 'missing permission', weight: 'certain' });
    expect(finding.summary).toContain('they have no instance profile');
    expect(finding.advice[0]).toContain('fleet.instanceProfile');
  });
});

describe('a security group', () => {
  const closed = (outbound: Facts['securityGroups'][number]['outbound']) =>
    findingsIn(facts({ securityGroups: [{ id: 'sg-1', name: 'tight', outbound }] }));

  test('that lets HTTPS out to anybody is open, be it to a range, a group or a prefix list', () => {
    expect(closed([{ protocol: 'tcp', fromPort: 443, toPort: 443, to: ['pl-1'] }])).toEqual([]);
    expect(closed([{ protocol: 'tcp', fromPort: 0, toPort: 65_535, to: ['sg-2'] }])).toEqual([]);
  });

  test('that lets out other ports, other protocols, or to nobody is closed', () => {
    expect(closed([{ protocol: 'tcp', fromPort: 80, toPort: 80, to: ['0.0.0.0/0'] }])).toHaveLength(1);
    expect(closed([{ protocol: 'udp', fromPort: 0, toPort: 65_535, to: ['0.0.0.0/0'] }])).toHaveLength(1);
    expect(closed([{ protocol: 'all', to: [] }])).toHaveLength(1);
  });

  test('explains why instances cannot be asked', () => {
    const securityGroups = [{ id: 'sg-1', name: 'tight', outbound: [] }];
    const [first] = findingsIn(facts({ securityGroups, machines: [], silent: IDS }));
    expect(first).toMatchObject({
      cause: 'no egress',
      weight: 'certain',
      evidence: expect.arrayContaining([`${ONE}: its agent does not answer`]),
    });
  });
});

test.each([
  'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
  'java.lang.OutOfMemoryError: Java heap space',
  'MemoryError',
  'bash: fork: Cannot allocate memory',
])('lack of memory is known by a program’s own words: %s', (message) => {
  expect(only({ telling: [{ time: 0, stream: `worker/${ONE}`, message }] })).toMatchObject({
    cause: 'out of memory',
    weight: 'certain',
    evidence: [`${ONE}: ${message}`],
  });
});

test('little memory alone is a hint, not a trouble', () => {
  const memory = 'MemTotal: 1000000 kB\nMemAvailable: 20000 kB';
  expect(only({ machines: [readMachineReport(ONE, machineAnswer({ memory }))] })).toMatchObject({
    cause: 'out of memory',
    weight: 'possible',
  });
});

test('an instance whose agent is silent is named, once it has had time to boot', () => {
  const young = member(TWO, { machine: machine(TWO, { launchedAt: NOW - 60_000 }) });
  const finding = only({ instances: [member(ONE), young], silent: IDS, machines: [] });
  expect(finding).toMatchObject({ cause: 'instance silent', summary: expect.stringContaining(ONE) });
  expect(finding.summary).not.toContain(TWO);
});

test('targets that a load balancer finds unhealthy are named with its reason and its check', () => {
  const targetGroup = {
    arn: 'arn',
    name: 'web',
    protocol: 'HTTP',
    port: 8080,
    healthCheckPath: '/up',
    deregistrationDelay: 0,
    sticky: false,
    endpoints: [],
  };
  const target = (instanceId: string, state: 'healthy' | 'unhealthy') => ({ instanceId, port: 8080, state });
  const targets = [
    target(ONE, 'healthy'),
    { ...target(TWO, 'unhealthy'), reason: 'Target.ResponseCodeMismatch' },
  ];
  expect(only({ targets: [{ group: targetGroup, targets }] })).toMatchObject({
    cause: 'targets unhealthy',
    summary: expect.stringContaining('target group web finds 1 of 2 targets unhealthy'),
    evidence: [`${TWO}:8080: Target.ResponseCodeMismatch`],
    advice: [expect.stringContaining('for /up on port 8080')],
  });
});

describe('instances', () => {
  const activity = (description: string, cause: string, state: 'successful' | 'failed' = 'successful') => ({
    group: 'workers',
    activity: { id: description, startedAt: NOW - 60_000, state, description, cause },
  });

  test('that are fewer than wanted are counted, but not while a rollout replaces them', () => {
    const instances = [member(ONE), member(TWO, { lifecycle: 'Pending' })];
    expect(only({ instances }).summary).toBe('1 of 2 wanted instances of workers is in service and healthy');
    const refreshes = [
      {
        id: 'r',
        state: 'in-progress' as const,
        percent: 0,
        instancesToUpdate: 1,
        startedAt: NOW,
        checkpoints: [],
      },
    ];
    expect(findingsIn(facts({ instances, refreshes }))).toEqual([]);
  });

  test('that are replaced as unhealthy again and again are a trouble though all are healthy now', () => {
    const activities = [1, 2, 3].map((n) =>
      activity(
        `Terminating EC2 instance: i-${n}`,
        'an instance was taken out of service in response to an EC2 health check',
      ),
    );
    expect(only({ activities })).toMatchObject({
      cause: 'instances unhealthy',
      weight: 'likely',
      summary: '3 instances of workers were replaced as unhealthy in the last hour',
    });
  });

  test('that could not be launched are told with the cloud’s words, less loudly once a launch has succeeded', () => {
    const failed = activity('Launching a new EC2 instance', '', 'failed');
    const message = 'We currently do not have sufficient t3.micro capacity in eu-central-1a.';
    const first = { ...failed, activity: { ...failed.activity, message, startedAt: NOW - 120_000 } };
    expect(only({ activities: [first] })).toMatchObject({
      weight: 'certain',
      advice: [expect.stringContaining('no room')],
    });
    const since = activity('Launching a new EC2 instance: i-9', '');
    expect(only({ activities: [since, first] })).toMatchObject({ weight: 'possible' });
  });
});

describe('the diagnosis as text', () => {
  test('numbers its findings, and tells what to do and what could not be seen', () => {
    const findings = findingsIn(
      facts({ instances: [member(ONE), member(TWO, { version: 1, release: '1' })] }),
    );
    const blind = [{ what: 'consoles', why: 'ann is not allowed ec2:GetConsoleOutput' }];
    const diagnosis = { group: 'workers', findings, looked: lookedAt(facts()), blind };
    expect(diagnosisLines(diagnosis)).toEqual(
      expect.arrayContaining([
        '1. old versions still running (certain): 1 of 2 instances of workers runs another version than version 2 (release 2)',
        `     ${TWO}: version 1 (release 1)`,
        '   → `bake rollout` replaces them.',
        'Not looked at:',
        '  consoles: ann is not allowed ec2:GetConsoleOutput',
      ]),
    );
    expect(diagnosisHeadline(diagnosis)).toBe(
      'workers: old versions still running; 1 place could not be looked at',
    );
  });
});

test('what a machine prints is read, also when it is cut in the middle', () => {
  const whole = readMachineReport(ONE, machineAnswer());
  expect(whole).toMatchObject({
    userData: 'done',
    broken: [],
    running: ['worker.service'],
    disks: [{ mount: '/', usedPercent: 26, availableKiB: 6_275_196 }],
    inodesUsed: 2,
    memory: { totalKiB: 1_965_892, availableKiB: 1_503_924 },
    reach: [{ endpoint: 'sqs.eu-central-1.amazonaws.com:443' }],
  });
  const text = machineAnswer();
  for (let length = 0; length < text.length; length += 7)
    expect(() =>
      findingsIn(facts({ machines: [readMachineReport(ONE, text.slice(0, length))] })),
    ).not.toThrow();
});
