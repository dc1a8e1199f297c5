import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Cloud } from '../../src/clouds/cloud.ts';
import { sshTransport } from '../../src/communicators/ssh.ts';
import { newSshIdentity, type SshIdentity } from '../../src/communicators/ssh-identity.ts';
import { execute, type Transport } from '../../src/communicators/transport.ts';
import { systemClock } from '../../src/run/clock.ts';
import { startSshServer } from '../helpers/ssh-server.ts';

const signal = new AbortController().signal;
/** All that the transport asks of a cloud: where the machine is. */
const cloud = { instances: { find: async () => [{ privateAddress: '127.0.0.1' }] } } as unknown as Cloud;

describe('the way by SSH', () => {
  let identity: SshIdentity;
  let server: Awaited<ReturnType<typeof startSshServer>>;
  let open: Transport[] = [];

  beforeEach(async () => {
    identity = await newSshIdentity('test');
    server = await startSshServer(identity.host.privateKey);
  });
  afterEach(() => {
    for (const transport of open) transport.close();
    open = [];
    server.close();
  });

  function way(more: Partial<Parameters<typeof sshTransport>[0]> = {}): Transport {
    const transport = sshTransport({
      cloud,
      instanceId: 'i-1',
      address: 'private',
      ports: [server.port],
      user: 'root',
      privateKey: identity.client.privateKey,
      hostKey: identity.host.publicKey,
      ...more,
    });
    open.push(transport);
    return transport;
  }

  const print = async (transport: Transport, text: string) =>
    (await execute(transport, systemClock, `echo ${text}`, signal)).stdout;

  it('runs commands, all over one connection', async () => {
    const transport = way();
    expect(await transport.reach()).toEqual({ ready: true });
    expect(await print(transport, 'one')).toBe('one\n');
    expect(await execute(transport, systemClock, 'echo no >&2; exit 3', signal)).toMatchObject({
      state: 'failed',
      exitCode: 3,
      stderr: 'no\n',
    });
    expect(server.accepted).toBe(1);
  });

  it('never works on a machine that shows another host key, and says so', async () => {
    const { host } = await newSshIdentity('somebody else');
    const transport = way({ hostKey: host.publicKey });
    expect(await transport.reach()).toEqual({
      ready: false,
      state: '127.0.0.1 shows another host key than bake gave it',
    });
    expect(await execute(transport, systemClock, 'true', signal)).toMatchObject({ state: 'failed' });
  });

  it('tries the next port where another machine answers', async () => {
    const other = await startSshServer((await newSshIdentity('other')).host.privateKey);
    const transport = way({ ports: [other.port, server.port] });
    expect(await transport.reach()).toEqual({ ready: true });
    other.close();
  });

  it('calls a command lost whose connection broke, and connects again for the next', async () => {
    const transport = way();
    const id = await transport.send('echo begun; exec sleep 60', { timeout: 60_000, name: 'long' });
    while (server.accepted === 0) await transport.reach();
    server.dropAll();
    while ((await transport.result(id)).state === 'running') await new Promise(setImmediate);
    expect(await transport.result(id)).toMatchObject({ state: 'failed', stderr: 'the connection was lost' });
    expect(await print(transport, 'again')).toBe('again\n');
    expect(server.accepted).toBe(2);
  });

  it('goes by a bastion whose host key is checked as strictly', async () => {
    const keys = await newSshIdentity('bastion');
    const bastionServer = await startSshServer(keys.host.privateKey);
    const bastion = {
      host: '127.0.0.1',
      port: bastionServer.port,
      user: 'jump',
      privateKey: keys.client.privateKey,
    };
    const transport = way({ bastion: { ...bastion, hostKey: keys.host.publicKey } });
    expect(await print(transport, 'through')).toBe('through\n');
    expect(bastionServer.accepted).toBe(1);
    const deceived = way({ bastion: { ...bastion, hostKey: identity.host.publicKey } });
    expect(await deceived.reach()).toMatchObject({ ready: false });
    bastionServer.close();
  });
});

it('makes keys that are keys, every time', async () => {
  const { utils } = (await import('ssh2')).default;
  for (let made = 0; made < 600; made++) {
    const { client } = await newSshIdentity('k');
    expect(utils.parseKey(client.publicKey)).not.toBeInstanceOf(Error);
    expect(utils.parseKey(client.privateKey)).not.toBeInstanceOf(Error);
  }
});
