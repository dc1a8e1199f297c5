import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import type { Cloud } from '../clouds/cloud.ts';
import { installHostKey, newSshIdentity } from '../communicators/ssh-identity.ts';
import type { Project } from '../config/schema.ts';
import type { InPlaceConfig } from '../config/schema-in-place.ts';
import { setupScript } from '../rollout/in-place/setup.ts';
import { BakeError, usageError } from '../run/errors.ts';
import { poll } from '../run/poll.ts';
import type { Run } from '../run/run.ts';
import { baseOf } from './adapt.ts';
import { need, type Raw } from './tree-edit.ts';

/** Servers are real processes: a hundred are rehearsed by so many. */
const MOST_SERVERS = 3;
/** Said on the console of a server that is ready for releases. */
const READY = 'bake-rehearsal: this server is ready';
const READY_WITHIN = 120_000;

/** Where servers ask themselves on the loopback address, two on this machine would be in each other's way. */
export const serversOf = ({ hosts, health }: InPlaceConfig): number =>
  health.http && health.http.address === 'loopback' ? 1 : Math.min(hosts?.length ?? 2, MOST_SERVERS);

/**
 * Makes servers that stay, each with a host key that is known beforehand, and puts them into the configuration in place of the user's.
 * `keyFile`: writes the private key that opens them, and returns its path.
 */
export async function makeServers(
  run: Run,
  cloud: Cloud,
  project: Project,
  config: Raw,
  keyFile: (privateKey: string) => string,
): Promise<number> {
  const inPlace = project.config.inPlace;
  if (!inPlace) throw usageError('the strategy in-place needs `inPlace` in bake.yaml');
  const image = await cloud.images.resolve(baseOf(project.config.cloud));
  if (!image) throw new BakeError('the local cloud has no base image');
  const number = serversOf(inPlace);
  const { client, host } = await newSshIdentity('rehearsal');
  await cloud.sshAccess.importKeyPair({ name: 'rehearsal', publicKey: client.publicKey, tags: {} });
  const script = `${installHostKey({ client, host })}\n${preparation(project, inPlace)}\necho '${READY}'\n`;
  const addresses = await Promise.all(
    Array.from({ length: number }, async (_, index) => {
      const launched = await cloud.instances.launch({
        token: `rehearsal-server-${index}`,
        imageId: image.id,
        instanceType: project.config.cloud === 'aws' ? 't3.small' : 'ecs.c7.large',
        keyName: 'rehearsal',
        rootVolume: { type: 'gp3', encrypted: true },
        userData: script,
        tags: {},
        terminateOnShutdown: false,
      });
      if (!('instanceId' in launched)) throw new BakeError(launched.noCapacity);
      return ready(run, cloud, launched.instanceId);
    }),
  );
  const raw = need(config, 'inPlace');
  for (const key of ['tags', 'group', 'bastion', 'knownHosts', 'address']) delete raw[key];
  raw.privateKey = keyFile(client.privateKey);
  raw.hosts = await Promise.all(
    addresses.map(async (address, index) => ({
      name: inPlace.hosts?.[index]?.name ?? `server-${index + 1}`,
      address,
      hostKey: host.publicKey.split(' ').slice(0, 2).join(' '),
      // Where this machine's own SSH server has taken 22 on all addresses, those of the local cloud take another.
      port: (await listens(address, 2222)) ? 2222 : 22,
    })),
  );
  return number;
}

/** The user's own way to prepare a server, or ours. */
function preparation(project: Project, inPlace: InPlaceConfig): string {
  const { server } = project.config.rehearse;
  const own = server === undefined ? undefined : readFileSync(resolve(project.directory, server));
  const { user } = inPlace;
  const script = own ?? Buffer.from(`${account(user)}\n${setupScript(inPlace, project.config.project)}`);
  return `base64 -d <<'END' >/run/prepare-server\n${script.toString('base64')}\nEND\nbash /run/prepare-server || exit 1`;
}

const account = (user: string): string => `set -e
getent passwd ${user} || useradd -m -s /bin/bash ${user}
install -d -o ${user} -m 0700 /home/${user}/.ssh
install -o ${user} -m 0600 /root/.ssh/authorized_keys /home/${user}/.ssh/authorized_keys`;

/** Resolves to its address. */
async function ready(run: Run, cloud: Cloud, id: string): Promise<string> {
  let said = '';
  return poll(
    async () => {
      const [instance] = await cloud.instances.find([id]);
      said = await cloud.instances.console(id);
      const { privateAddress } = instance ?? {};
      const done = said.includes(READY) && privateAddress !== undefined;
      return done
        ? { done, value: privateAddress }
        : { done: false, state: said.trim().split('\n').at(-1) ?? '' };
    },
    {
      what: 'the server to be ready for releases',
      timeout: READY_WITHIN,
      clock: run.clock,
      signal: run.signal,
      interval: { longest: 1_000 },
      hint: 'Its preparation did not get to its end: `rehearse.server`, or what `bake in-place setup --print` says.',
    },
  );
}

const listens = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
