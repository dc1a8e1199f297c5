import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Launched, LeftoverKind, Tags } from '../clouds/cloud.ts';
import type { Communicator } from '../communicators/communicator.ts';
import { BY_COMMANDS, BY_FILE, type UploadLimit } from '../communicators/limits.ts';
import { RemoteCommunicator } from '../communicators/remote.ts';
import { sshTransport } from '../communicators/ssh.ts';
import { installHostKey, newSshIdentity } from '../communicators/ssh-identity.ts';
import { ssmTransport } from '../communicators/ssm.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import type { Scope } from '../run/scope.ts';
import { TAG } from '../run/tags.ts';
import type { BuildJob } from './job.ts';

/** How a machine of a build is reached: what it has to be launched with, and the way to it once it is there. */
export interface Access {
  keyName?: string;
  securityGroupIds?: string[];
  /** Shell lines that it runs at first boot. */
  firstBoot: string;
  communicator(machine: Launched): Communicator;
}

/** What one upload may weigh on the configured way. */
export function uploadLimit(project: Project): UploadLimit {
  const { communicator, stagingBucket } = project.config.image.builder;
  return communicator === 'ssh' || stagingBucket !== undefined ? BY_FILE : BY_COMMANDS;
}

/** Makes what the configured communicator needs. `name` is that of the machine; the scope owns what is made. */
export const openAccess = (job: BuildJob, name: string, tags: Tags): Promise<Access> =>
  job.project.config.image.builder.communicator === 'ssh' ? sshAccess(job, name, tags) : ssmAccess(job);

/** Fails (exit code 2) when the configured way cannot work. Nothing is made before. */
export function checkAccess(project: Project): void {
  const { communicator, securityGroups, ssh } = project.config.image.builder;
  if (communicator !== 'ssh' || securityGroups.length > 0 || ssh.source !== undefined) return;
  throw usageError(
    'image.builder.ssh.source is missing: who may reach the builder by SSH?',
    'Name your own address, such as 203.0.113.7/32, or security groups in image.builder.securityGroups.',
  );
}

/** What the keys of a run's staged files begin with; of all runs, without one. */
export const stagedBy = (project: Project, run?: string): string =>
  `bake/${project.config.project}/${run === undefined ? '' : `${run}/`}`;

async function ssmAccess({ run, cloud, project }: BuildJob): Promise<Access> {
  const { securityGroups, instanceProfile, stagingBucket } = project.config.image.builder;
  const staging =
    stagingBucket === undefined ? undefined : { bucket: stagingBucket, prefix: stagedBy(project, run.id) };
  if (cloud.kind === 'aws' && instanceProfile === undefined) {
    run.note(
      'image.builder.instanceProfile is not set: the builder answers only where the account lets SSM manage every instance',
    );
  }
  return {
    securityGroupIds: securityGroups.length > 0 ? securityGroups : undefined,
    firstBoot: '',
    communicator({ instanceId }) {
      const machine = { cloud, instanceId, clock: run.clock, staging };
      return new RemoteCommunicator({ ...machine, transport: ssmTransport(machine), runId: run.id });
    },
  };
}

async function sshAccess(job: BuildJob, name: string, tags: Tags): Promise<Access> {
  const { run, cloud, project, scope } = job;
  const { securityGroups, subnets, ssh } = project.config.image.builder;
  const identity = await newSshIdentity(name);
  const own = temporary(job, scope, name, tags);
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
  const { bastion } = ssh;
  return {
    keyName: name,
    securityGroupIds: groups,
    firstBoot: installHostKey(identity),
    communicator({ instanceId, privateAddress }) {
      const transport = sshTransport({
        cloud,
        instanceId,
        privateAddress,
        address: ssh.address,
        // Instances of the local cloud share the machine's network: where its own server has port 22, theirs has 2222.
        ports: cloud.local ? [ssh.port, 2222] : [ssh.port],
        user: ssh.user,
        privateKey: identity.client.privateKey,
        hostKey: identity.host.publicKey,
        bastion: bastion && {
          ...bastion,
          privateKey: readFileSync(resolve(project.directory, bastion.privateKey), 'utf8'),
        },
      });
      return new RemoteCommunicator({ cloud, transport, instanceId, clock: run.clock, runId: run.id });
    },
  };
}

/** Makes things that are there only as long as the machine, owned by the scope. */
function temporary({ run, cloud }: BuildJob, scope: Scope, name: string, tags: Tags) {
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
