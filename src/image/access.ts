import type { Launched, Tags } from '../clouds/cloud.ts';
import type { Communicator } from '../communicators/communicator.ts';
import { BY_COMMANDS, BY_FILE, type UploadLimit } from '../communicators/limits.ts';
import { RemoteCommunicator } from '../communicators/remote.ts';
import { ssmTransport } from '../communicators/ssm.ts';
import type { Project } from '../config/schema.ts';
import { usageError } from '../run/errors.ts';
import type { BuildJob } from './job.ts';
import { sshAccess } from './ssh-access.ts';

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
