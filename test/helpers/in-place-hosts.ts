import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateKeyPairCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  EC2Client,
  GetConsoleOutputCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { vi } from 'vitest';
import { stringify } from 'yaml';
import { bake, execute } from './cli.ts';
import type { ownCloud } from './own-cloud.ts';

const PORT = 8_085;
const waiting = { interval: 100, timeout: 60_000 };

/** Answers on its own address with what the file `version` says; its health is the file `health`. */
const SERVER = `import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
const read = (name) => readFileSync(new URL(name, import.meta.url), 'utf8').trim();
createServer((request, response) => {
  response.writeHead(request.url === '/health' ? Number(read('health')) : 200).end(read('version'));
}).listen(${PORT}, hostname().slice(3).replaceAll('-', '.'));
`;

/** Three servers that stay, each a machine of the local cloud with sshd, systemd and sudo, prepared as \`bake in-place setup\` says. */
export class InPlaceHosts {
  readonly directory: string;
  readonly #cloud: ReturnType<typeof ownCloud>;
  addresses: string[] = [];

  constructor(cloud: ReturnType<typeof ownCloud>) {
    this.#cloud = cloud;
    this.directory = cloud.directory;
  }

  file = (name: string) => join(this.directory, name);

  async start(): Promise<void> {
    const ec2 = new EC2Client(this.#cloud.client());
    const { KeyMaterial } = await ec2.send(new CreateKeyPairCommand({ KeyName: 'own', KeyType: 'ed25519' }));
    writeFileSync(this.file('own.pem'), KeyMaterial as string, { mode: 0o600 });
    const { Images } = await ec2.send(new DescribeImagesCommand({ Owners: ['amazon'] }));
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({
        ...{ ImageId: Images?.[0]?.ImageId, InstanceType: 't3.micro', MinCount: 3, MaxCount: 3 },
        KeyName: 'own',
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'role', Value: 'web' }] }],
      }),
    );
    const ids = Instances.map(({ InstanceId }) => InstanceId as string);
    const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
    const found = Reservations?.flatMap(({ Instances = [] }) => Instances) ?? [];
    this.addresses = ids.map((id) => found.find((one) => one.InstanceId === id)?.PrivateIpAddress as string);
    const keys = await Promise.all(ids.map((id) => this.#hostKeys(ec2, id)));
    const lines = this.addresses.flatMap((address, index) =>
      keys[index]!.map((key) => `${address} ${key}\n`),
    );
    writeFileSync(this.file('known_hosts'), lines.join(''));
    mkdirSync(this.file('app'));
    writeFileSync(this.file('app/server.mjs'), SERVER);
    writeFileSync(this.file('app/start'), '#!/bin/sh\nexec node "$(dirname "$0")/server.mjs"\n', {
      mode: 0o755,
    });
    this.app('1');
    this.configure();
    await this.#prepare();
  }

  async #hostKeys(ec2: EC2Client, id: string): Promise<string[]> {
    const between = /-----BEGIN SSH HOST KEY KEYS-----\s+(.+?)\s+-----END SSH HOST KEY KEYS-----/s;
    return vi.waitFor(async () => {
      const answer = await ec2.send(new GetConsoleOutputCommand({ InstanceId: id, Latest: true }));
      const text = Buffer.from(answer.Output ?? '', 'base64').toString('utf8');
      const keys = between.exec(text)?.[1];
      if (keys === undefined) throw new Error('no host keys on the console');
      return keys.split(/\r?\n/);
    }, waiting);
  }

  async #prepare(): Promise<void> {
    const { stdout } = await bake(this.directory, 'in-place', 'setup', '--print');
    const user =
      'id deploy || useradd -m -s /bin/bash deploy; cp -r /root/.ssh /home/deploy/; chown -R deploy: /home/deploy';
    writeFileSync(this.file('setup.sh'), `set -e\n${user}\n${stdout}`);
    const command = 'cat >/root/setup.sh && sh -x /root/setup.sh';
    await Promise.all(
      this.addresses.map((_, index) =>
        vi.waitFor(async () => {
          const ended = await this.ssh(index, `${command}`, 'setup.sh');
          if (ended.code !== 0) throw new Error(ended.stderr + ended.stdout);
        }, waiting),
      ),
    );
  }

  /** As root on a server. */
  ssh(index: number, command: string, input = '/dev/null') {
    const options = [
      '-F',
      '/dev/null',
      '-i',
      this.file('own.pem'),
      '-o',
      'BatchMode=yes',
      '-o',
      'IdentitiesOnly=yes',
    ];
    const known = ['-o', `UserKnownHostsFile=${this.file('known_hosts')}`];
    const words = ['ssh', ...options, ...known, `root@${this.addresses[index]}`, command].map(
      (word) => `'${word.replaceAll("'", "'\\''")}'`,
    );
    return execute('sh', ['-c', `${words.join(' ')} <${input}`], { cwd: this.directory });
  }

  /** What the next release answers, and whether it is well. */
  app(version: string, health = 200): void {
    writeFileSync(this.file('app/version'), version);
    writeFileSync(this.file('app/health'), `${health}`);
  }

  configure(changes: object = {}): void {
    const hosts = this.addresses.map((address, index) => ({ name: `web-${index + 1}`, address }));
    const inPlace = {
      ...{ hosts, privateKey: 'own.pem', knownHosts: 'known_hosts', source: 'app', root: '/srv/shop' },
      ...{ service: 'shop', diskSpace: '1MiB' },
      health: { http: { port: PORT, address: 'host' }, timeout: '4s' },
      ...changes,
    };
    const hooks = { afterRollout: [{ run: 'echo "$BAKE_STRATEGY $BAKE_RELEASE" >hook' }] };
    const config = { project: 'shop', rollout: { strategy: 'in-place' }, inPlace, hooks };
    writeFileSync(this.file('bake.yaml'), stringify(config));
  }

  /** All that it says, results and errors, is in `said`. */
  async bake(...args: string[]) {
    const { code, stdout, stderr } = await bake(this.directory, ...args);
    return { code, said: stdout + stderr };
  }

  /** What each server answers now. */
  answers = (): Promise<string[]> =>
    Promise.all(
      this.addresses.map((address) =>
        fetch(`http://${address}:${PORT}/`).then(
          (response) => response.text(),
          () => 'nothing',
        ),
      ),
    );

  /** Where the links of each server point, and its releases. */
  async links(): Promise<string[]> {
    const command =
      'cd /srv/shop && echo $(basename $(readlink current)) $(basename $(readlink previous || echo -)) $(ls releases | tr "\\n" ,)';
    const ended = await Promise.all(this.addresses.map((_, index) => this.ssh(index, command)));
    return ended.map(({ stdout }) => stdout.trim());
  }
}
