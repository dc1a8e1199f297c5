import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateKeyPairCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  ImportKeyPairCommand,
  RebootInstancesCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { beforeAll, expect, test, vi } from 'vitest';
import { execute } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { ownCloud } from '../helpers/own-cloud.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

const openssh = installed('ssh', '-V');
const why = openssh ? '' : ' (ssh is not installed: not checked)';
const waiting = { interval: 100, timeout: 30_000 };

interface Machine {
  id: string;
  address: string;
  key: string;
}

describeSandbox(`OpenSSH's client${why}`, () => {
  const { directory, client } = ownCloud('openssh', '--speed', '20');
  let machine: Machine;
  const file = (name: string) => join(directory, name);
  const options = (key: string, known = file('known_hosts')) => [
    ...['-F', '/dev/null', '-i', key, '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
    ...['-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${known}`],
  ];
  const ssh = (user: string, ...command: string[]) =>
    execute('ssh', [...options(machine.key), `${user}@${machine.address}`, ...command]);

  async function launch(KeyName: string, key: string): Promise<Machine> {
    const ec2 = new EC2Client(client());
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
    const { Instances } = await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: Images?.[0]?.ImageId, InstanceType: 't3.micro', MinCount: 1, MaxCount: 1, KeyName },
      }),
    );
    const id = Instances?.[0]?.InstanceId as string;
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: [id] }));
    const address = Reservations?.[0]?.Instances?.[0]?.PrivateIpAddress as string;
    return { id, address, key };
  }

  /** As a careful client does it: the host's keys from the console, over the cloud's own authenticated way. */
  async function hostKeys(id: string): Promise<string[]> {
    const between = /-----BEGIN SSH HOST KEY KEYS-----\s+(.+?)\s+-----END SSH HOST KEY KEYS-----/s;
    return vi.waitFor(async () => {
      const { Output = '' } = await new EC2Client(client()).send(
        new GetConsoleOutputCommand({ InstanceId: id, Latest: true }),
      );
      const keys = between.exec(Buffer.from(Output, 'base64').toString('utf8'))?.[1];
      if (keys === undefined) throw new Error('no host keys on the console');
      return keys.split(/\r?\n/);
    }, waiting);
  }

  beforeAll(async () => {
    if (!openssh) return;
    const { KeyMaterial } = await new EC2Client(client()).send(
      new CreateKeyPairCommand({ KeyName: 'made', KeyType: 'ed25519' }),
    );
    writeFileSync(file('made.pem'), KeyMaterial as string, { mode: 0o600 });
    machine = await launch('made', file('made.pem'));
    const keys = await hostKeys(machine.id);
    writeFileSync(file('known_hosts'), keys.map((key) => `${machine.address} ${key}\n`).join(''));
    await vi.waitFor(async () => expect(await ssh('root', 'true')).toMatchObject({ code: 0 }), waiting);
  });

  test.skipIf(!openssh)('logs in with a made key, and passes input, output, errors and status', async () => {
    const ended = await ssh('root', 'echo out; echo err >&2; hostname; exit 7');
    const hostname = `ip-${machine.address.replaceAll('.', '-')}`;
    expect(ended).toMatchObject({ code: 7, stdout: `out\n${hostname}\n`, stderr: 'err\n' });
  });

  test.skipIf(!openssh)('logs in as the default user, in its home and with its rights', async () => {
    const ended = await ssh('ec2-user', 'id -un; pwd; touch /etc/mine || echo refused');
    expect(ended.stdout).toBe('ec2-user\n/home/ec2-user\nrefused\n');
  });

  test.skipIf(!openssh || !installed('sudo', '-V'))('lets the default user become root by sudo', async () => {
    expect((await ssh('ec2-user', 'sudo -n id -un')).stdout).toBe('root\n');
  });

  test.skipIf(!openssh)('gets a terminal', async () => {
    const args = ['-tt', ...options(machine.key), `root@${machine.address}`, 'tty; exit 3'];
    const ended = await execute('ssh', args);
    expect([ended.code, ended.stdout]).toEqual([3, expect.stringContaining('/dev/pts/')]);
  });

  test.skipIf(!openssh)('copies files there and back, by SFTP and by the old protocol', async () => {
    const content = randomBytes(5_000_000);
    writeFileSync(file('sent'), content, { mode: 0o640 });
    const there = `ec2-user@${machine.address}:received`;
    for (const protocol of [[], ['-O']]) {
      const copy = (from: string, to: string) =>
        execute('scp', [...protocol, '-p', ...options(machine.key), from, to]);
      expect(await copy(file('sent'), there)).toMatchObject({ code: 0, stderr: '' });
      expect(await copy(there, file('back'))).toMatchObject({ code: 0, stderr: '' });
      expect(readFileSync(file('back')).equals(content)).toBe(true);
    }
    const digest = createHash('sha256').update(content).digest('hex');
    const seen = await ssh('ec2-user', 'sha256sum < received; stat -c %a received');
    expect(seen.stdout).toBe(`${digest}  -\n640\n`);
  });

  test.skipIf(!openssh)(
    'keeps its session while the service restarts; host keys stay over a reboot',
    async () => {
      expect((await ssh('root', 'systemctl restart sshd && echo still here')).stdout).toBe('still here\n');
      await expect.poll(async () => (await ssh('root', 'touch /run/before')).code, waiting).toBe(0);
      await new EC2Client(client()).send(new RebootInstancesCommand({ InstanceIds: [machine.id] }));
      const rebooted = async () => (await ssh('root', 'test -e /run/before || echo rebooted')).stdout;
      await expect.poll(rebooted, waiting).toBe('rebooted\n');
    },
  );

  test.skipIf(!openssh)('is refused without the key, and for users without one', async () => {
    await execute('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('other')]);
    for (const [key, user] of [
      [file('other'), 'root'],
      [machine.key, 'nobody'],
      [machine.key, 'no-such-user'],
    ] as const) {
      const ended = await execute('ssh', [...options(key), `${user}@${machine.address}`, 'true']);
      expect([ended.code, ended.stderr]).toEqual([255, expect.stringContaining('Permission denied')]);
    }
  });

  test.skipIf(!openssh)(
    'logs in with an imported RSA key; each instance has host keys of its own',
    async () => {
      await execute('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', file('own')]);
      await new EC2Client(client()).send(
        new ImportKeyPairCommand({ KeyName: 'own', PublicKeyMaterial: readFileSync(file('own.pub')) }),
      );
      const other = await launch('own', file('own'));
      const keys = await hostKeys(other.id);
      const known = readFileSync(file('known_hosts'), 'utf8');
      for (const key of keys) expect(known).not.toContain(key.split(' ')[1]);
      writeFileSync(file('known'), keys.map((key) => `${other.address} ${key}\n`).join(''));
      const login = () =>
        execute('ssh', [...options(other.key, file('known')), `root@${other.address}`, 'echo in']);
      await expect.poll(async () => (await login()).stdout, waiting).toBe('in\n');
    },
  );
});
