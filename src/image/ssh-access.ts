import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Launched, LeftoverKind, Tags } from '../clouds/cloud.ts';
import type { Communicator } from '../communicators/communicator.ts';
import { RemoteCommunicator } from '../communicators/remote.ts';
import { sshTransport } from '../communicators/ssh.ts';
import { installHostKey, newSshIdentity } from '../communicators/ssh-identity.ts';
import { TAG } from '../run/tags.ts';
import type { Access } from './access.ts';
import type { BuildJob } from './job.ts';
import { dropLoginKey, keepLoginKey, type LoginKey } from './login-key.ts';

/** Makes a key pair and, unless there are any, a security group for the machine called `name`; the scope owns them. */
export async function sshAccess(job: BuildJob, name: string, tags: Tags): Promise<Access> {
  const { cloud, project } = job;
  const { securityGroups, subnets, ssh } = project.config.image.builder;
  const identity = await newSshIdentity(name);
  const key = { privateKey: identity.client.privateKey, hostKey: identity.host.publicKey };
  await ownLoginKey(job, name, key);
  const own = temporary(job, name, tags);
  await own('key pair', () =>
    cloud.sshAccess.importKeyPair({ name, publicKey: identity.client.publicKey, tags }),
  );
  const groups =
    securityGroups.length > 0
      ? securityGroups
      : [
          await own('security group', () =>
            cloud.sshAccess.createSecurityGroup({
              name,
              description: `SSH to ${name} while it is there`,
              // All subnets that are named for one builder lie in one network: a group cannot be in two.
              subnetId: subnets[0],
              port: ssh.port,
              source: ssh.source!,
              tags,
            }),
          ),
        ];
  return {
    keyName: name,
    securityGroupIds: groups,
    firstBoot: installHostKey(identity),
    communicator: (machine) => sshCommunicator(job, machine, key),
  };
}

/** The way to a machine with the keys that it was launched with. */
export function sshCommunicator(
  { run, cloud, project }: BuildJob,
  { instanceId, privateAddress }: Launched,
  { privateKey, hostKey }: LoginKey,
): Communicator {
  const { ssh } = project.config.image.builder;
  const { bastion } = ssh;
  const transport = sshTransport({
    cloud,
    instanceId,
    privateAddress,
    address: ssh.address,
    // Instances of the local cloud share the machine's network: where its own server has port 22, theirs has 2222.
    ports: cloud.local ? [ssh.port, 2222] : [ssh.port],
    user: ssh.user,
    privateKey,
    hostKey,
    bastion: bastion && {
      ...bastion,
      privateKey: readFileSync(resolve(project.directory, bastion.privateKey), 'utf8'),
    },
  });
  return new RemoteCommunicator({ cloud, transport, instanceId, clock: run.clock, runId: run.id });
}

/** Keeps the keys of a machine as long as it is there. */
async function ownLoginKey({ project, scope }: BuildJob, machine: string, key: LoginKey): Promise<void> {
  const remove = async () => dropLoginKey(project.directory, machine);
  await scope.own({
    kind: 'login key',
    name: machine,
    create: async () => keepLoginKey(project.directory, machine, key),
    idOf: () => machine,
    remove,
    removeUnknown: remove,
  });
}

/** Takes over, for the machine called `name` from now on, what a crashed run had made to reach it as \`before\`. */
export async function takeOverSsh(
  job: BuildJob,
  name: string,
  before: { run: string; machine: string; key: LoginKey },
): Promise<void> {
  const { cloud, scope } = job;
  await ownLoginKey(job, name, before.key);
  const found = await cloud.leftovers.find(['key pair', 'security group'], { [TAG.run]: before.run });
  for (const one of found.filter((other) => other.name === before.machine)) {
    await scope.own({
      kind: one.kind,
      name: one.name,
      create: async () => one.id,
      idOf: (id) => id,
      remove: () => cloud.leftovers.remove(one),
    });
  }
}

/** Makes things that are there only as long as the machine, owned by the scope. */
function temporary({ run, cloud, scope }: BuildJob, name: string, tags: Tags) {
  const removeFound = async (kind: LeftoverKind) => {
    const found = await cloud.leftovers.find([kind], { [TAG.run]: run.id });
    await Promise.all(found.filter((one) => one.name === name).map((one) => cloud.leftovers.remove(one)));
  };
  return async (kind: LeftoverKind, create: () => Promise<string>): Promise<string> => {
    const owned = await scope.own({
      kind,
      name,
      create,
      idOf: (id) => id,
      remove: (id) => cloud.leftovers.remove({ kind, id, name, tags, inUse: false }),
      removeUnknown: () => removeFound(kind),
    });
    return owned.value;
  };
}
