import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdapterTest, startAdapter } from '../helpers/adapter.ts';

const BASE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64';

let adapter: AdapterTest;
let instanceId: string;
beforeAll(async () => {
  adapter = await startAdapter();
  const { images, instances, commands } = adapter.cloud;
  const base = await images.resolve({ ssmParameter: BASE });
  const launched = await instances.launch({
    token: 'builder',
    imageId: base!.id,
    instanceType: 't3.micro',
    rootVolume: { type: 'gp3', encrypted: true },
    instanceProfile: 'builder',
    userData: '',
    tags: {},
    terminateOnShutdown: true,
  });
  if ('noCapacity' in launched) throw new Error(launched.noCapacity);
  instanceId = launched.instanceId;
  await adapter.until('agent', () => commands.reachable(instanceId));
});
afterAll(() => adapter.close());

describe('commands on instances', () => {
  test('an instance that does not exist is not reachable', async () => {
    expect(await adapter.cloud.commands.reachable('i-0123456789abcdef0')).toBe(false);
  });

  test('a command is sent, runs, and gives its exit code and output', async () => {
    const { commands } = adapter.cloud;
    const comment = 'a'.repeat(150);
    const id = await commands.send(instanceId, 'set -e\necho hello\n', { timeout: 60_000, comment });
    const result = await adapter.until('command', async () => {
      const seen = await commands.result(instanceId, id);
      return !['pending', 'running'].includes(seen.state) && seen;
    });
    expect(result).toEqual({ state: 'success', exitCode: 0, stdout: '', stderr: '' });
  });

  test('a command that the service does not know yet is pending', async () => {
    const result = await adapter.cloud.commands.result(instanceId, '00000000-0000-4000-8000-000000000000');
    expect(result).toEqual({ state: 'pending', stdout: '', stderr: '' });
  });

  test('a script runs on several at once, with a result for each', async () => {
    const { commands } = adapter.cloud;
    const unknown = 'i-0123456789abcdef0';
    expect(await commands.reachableAmong([instanceId, unknown])).toEqual([instanceId]);
    const [id = ''] = await commands.sendToAll([instanceId], 'true', { timeout: 60_000 });
    const results = await adapter.until('command', async () => {
      const seen = await commands.resultsOf(id);
      return seen.get(instanceId)?.state === 'success' && seen;
    });
    expect([...results]).toEqual([[instanceId, { state: 'success', exitCode: 0, stdout: '', stderr: '' }]]);
    await commands.cancelAll(id);
    await expect(commands.sendToAll([instanceId, unknown], 'true', { timeout: 1_000 })).rejects.toThrow(
      'InvalidInstanceId',
    );
  });
});
