import { expect, test } from 'vitest';
import { findInstance, instances } from '../../../src/localcloud/engine/ec2/instances.ts';
import { resumeInstances } from '../../../src/localcloud/engine/ec2/recovery.ts';
import { Store } from '../../../src/localcloud/engine/store.ts';
import { call, ec2, launch, pass, recordingRuntime, refusal, stateOf } from '../../helpers/ec2.ts';

function machines(store = new Store()) {
  const recorded = recordingRuntime();
  return { ...recorded, cloud: ec2({ runtime: recorded.runtime, store }) };
}

async function running(m: ReturnType<typeof machines>, parameters = {}) {
  const id = await launch(m.cloud, parameters);
  await pass(m.cloud);
  expect(await stateOf(m.cloud.engine, id)).toBe('running');
  return id;
}

test('a boot is told its layers, user data, name, address and where the cloud is', async () => {
  const m = machines();
  const { engine } = m.cloud;
  const opened: string[] = [];
  engine.metadata = {
    open: async (id, address) => {
      opened.push(`${id} ${address}`);
      return `http://${address}:80`;
    },
    close: async () => {},
  };
  const id = await running(m, { UserData: btoa('#!/bin/sh\necho hi') });
  expect(m.boots).toEqual([
    {
      instanceId: id,
      layers: [],
      userData: '#!/bin/sh\necho hi',
      firstBoot: true,
      hostname: 'ip-127-18-52-2',
      address: '127.18.52.2',
      environment: {
        AWS_ENDPOINT_URL: 'http://127.0.0.1:4660',
        AWS_REGION: 'eu-central-1',
        AWS_DEFAULT_REGION: 'eu-central-1',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.18.52.2:80',
      },
    },
  ]);
  expect(opened).toEqual([`${id} 127.18.52.2`]);
  await call(engine, 'RebootInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  expect(m.calls).toEqual([`boot ${id}`, `shutdown ${id}`, `boot ${id}`]);
  expect(m.boots[1]?.firstBoot).toBe(false);
});

test('an instance is not running before its machine has come up', async () => {
  const m = machines();
  const id = await launch(m.cloud);
  m.cloud.clock.advance(3_600_000);
  expect(findInstance(m.cloud.engine, id).state).toBe('pending');
  await pass(m.cloud);
  expect(findInstance(m.cloud.engine, id).state).toBe('running');
});

test('an instance whose boot fails is terminated, with the reason', async () => {
  const m = machines();
  m.failing.add('boot');
  const id = await launch(m.cloud);
  await pass(m.cloud);
  await pass(m.cloud);
  expect(findInstance(m.cloud.engine, id)).toMatchObject({
    state: 'terminated',
    stateReason: { code: 'Server.InternalError', message: 'Server.InternalError: boot failed as told' },
  });
  expect(m.calls).toContain(`destroy ${id}`);
});

test('a stopped instance that does not start keeps its disk', async () => {
  const m = machines();
  const id = await running(m);
  await call(m.cloud.engine, 'StopInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  m.failing.add('boot');
  await call(m.cloud.engine, 'StartInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  await pass(m.cloud);
  expect(findInstance(m.cloud.engine, id)).toMatchObject({
    state: 'stopped',
    stateReason: { code: 'Server.InternalError' },
  });
  expect(m.calls).not.toContain(`destroy ${id}`);
});

test('termination cuts short a boot that hangs, then removes the machine', async () => {
  const m = machines();
  let hang: (error: Error) => void = () => {};
  const cut = new Promise<void>((_, reject) => {
    hang = reject;
  });
  m.runtime.boot = () => cut;
  m.runtime.destroy = async (id) => {
    m.calls.push(`destroy ${id}`);
    hang(new Error('its first process ended'));
  };
  const id = await launch(m.cloud);
  await call(m.cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  expect(m.calls).toEqual([`destroy ${id}`, `shutdown ${id}`, `destroy ${id}`]);
  expect(findInstance(m.cloud.engine, id)).toMatchObject({
    state: 'terminated',
    stateReason: { code: 'Client.UserInitiatedShutdown' },
  });
});

test('a machine that does not shut down in order is destroyed all the same', async () => {
  const m = machines();
  const id = await running(m);
  m.failing.add('shutdown');
  await call(m.cloud.engine, 'TerminateInstances', { 'InstanceId.1': id });
  await pass(m.cloud);
  expect(m.calls.at(-1)).toBe(`destroy ${id}`);
  expect(findInstance(m.cloud.engine, id).state).toBe('terminated');
});

test.each([
  ['stop', 'stopped'],
  ['terminate', 'terminated'],
])('a machine that ends by itself with shutdown behaviour %s is %s', async (behavior, state) => {
  const m = machines();
  const id = await running(m, { InstanceInitiatedShutdownBehavior: behavior });
  m.end(id);
  await pass(m.cloud);
  expect(findInstance(m.cloud.engine, id)).toMatchObject({
    state,
    stateReason: { code: 'Client.InstanceInitiatedShutdown' },
  });
});

test('a machine that ends while it boots ends as an instance too', async () => {
  const m = machines();
  const id = await launch(m.cloud, { InstanceInitiatedShutdownBehavior: 'terminate' });
  m.end(id);
  await pass(m.cloud);
  expect(findInstance(m.cloud.engine, id).state).toBe('terminated');
});

test('addresses are used again, and run out', async () => {
  const m = machines();
  const many = { ImageId: m.cloud.base, InstanceType: 't3.micro', MinCount: 253, MaxCount: 253 };
  const { instancesSet } = await call(m.cloud.engine, 'RunInstances', many);
  await pass(m.cloud);
  const one = { ...many, MinCount: 1, MaxCount: 1 };
  expect(await refusal(m.cloud.engine, 'RunInstances', one)).toBe('InsufficientFreeAddressesInSubnet');
  const [, second] = instancesSet;
  await call(m.cloud.engine, 'TerminateInstances', { 'InstanceId.1': second.instanceId });
  await pass(m.cloud);
  const id = await launch(m.cloud);
  expect(findInstance(m.cloud.engine, id).address).toBe(second.privateIpAddress);
});

test('after a restart lost machines are booted again with their disk, and work under way goes on', async () => {
  const store = new Store();
  const before = machines(store);
  const up = await running(before);
  const stopping = await running(before);
  instances(before.cloud.engine).patch(stopping, { state: 'stopping', dueAt: undefined });

  const after = machines(store);
  after.failing.add('recover');
  await resumeInstances(after.cloud.engine);
  after.cloud.engine.settle();
  await pass(after.cloud);
  expect(after.calls).toContain(`boot ${up}`);
  expect(after.boots[0]).toMatchObject({ instanceId: up, firstBoot: false });
  expect(after.calls).toContain(`shutdown ${stopping}`);
  expect(findInstance(after.cloud.engine, up)).toMatchObject({ state: 'running', restart: undefined });
  expect(findInstance(after.cloud.engine, stopping).state).toBe('stopped');
});

test('after a restart an instance that cannot be booted again is terminated and says why', async () => {
  const store = new Store();
  const id = await running(machines(store));
  const after = machines(store);
  after.failing.add('recover').add('boot');
  await resumeInstances(after.cloud.engine);
  after.cloud.engine.settle();
  await pass(after.cloud);
  await pass(after.cloud);
  const { state, stateReason } = findInstance(after.cloud.engine, id);
  expect(state).toBe('terminated');
  expect(stateReason?.message).toContain('instance lost at restart of the local cloud');
});

test('after a restart machines that still run are left alone', async () => {
  const store = new Store();
  const id = await running(machines(store));
  const after = machines(store);
  await resumeInstances(after.cloud.engine);
  after.cloud.engine.settle();
  await pass(after.cloud);
  expect(after.calls).toEqual([]);
  expect(findInstance(after.cloud.engine, id).state).toBe('running');
});

test('the console is given in base64', async () => {
  const m = machines();
  const id = await running(m);
  const { output } = await call(m.cloud.engine, 'GetConsoleOutput', { InstanceId: id });
  expect(atob(output)).toBe('booted\n');
});
