import { randomUUID } from 'node:crypto';
import {
  CreateLaunchTemplateVersionCommand,
  type CreateLaunchTemplateVersionCommandInput,
  EC2Client,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';
import { messageOf } from '../../run/errors.ts';
import type { BuildWork, Permissions, RolloutWork } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';
import { runInput } from './instances.ts';
import { policyFilesFor } from './permissions.ts';
import { buildActions, rolloutActions } from './rollout-actions.ts';

/** The policies of whoever builds, and of whoever rolls out. */
const BUILDER = 'policies/iam/builder.json';
const DEPLOYER = 'policies/iam/deployer.json';

type Answer = { allowed?: boolean; answer?: string };

/** What the caller may do, asked by EC2's DryRun; the other services have no such question, so their actions are only listed. */
export function rolloutPermissions(aws: Connection): Permissions {
  const ec2 = aws.client(EC2Client);

  /** AWS: a dry run always fails, with DryRunOperation when the request would have been allowed. */
  async function ask(dryRun: Promise<unknown>): Promise<Answer> {
    try {
      await dryRun;
      return {};
    } catch (error) {
      if (failedWith(error, 'DryRunOperation')) return { allowed: true };
      const answer = messageOf(error);
      return failedWith(error, 'UnauthorizedOperation') ? { allowed: false, answer } : { answer };
    }
  }

  const QUESTIONS: Record<string, (work: RolloutWork) => Promise<Answer>> = {
    'ec2:CreateLaunchTemplateVersion': (work) =>
      ask(ec2.send(new CreateLaunchTemplateVersionCommand(versionQuestion(work)))),
    'ec2:RunInstances': (work) => ask(ec2.send(new RunInstancesCommand(launchQuestion(work)))),
  };

  return {
    forBuild: (work) =>
      Promise.all(
        buildActions(work).map(async ({ action, purpose }) => ({
          action,
          purpose,
          ...(action === 'ec2:RunInstances' &&
            (await ask(ec2.send(new RunInstancesCommand({ ...builderQuestion(work), DryRun: true }))))),
          policies: policyFilesFor(action).filter((file) => file === BUILDER),
        })),
      ),

    forRollout: (work) =>
      Promise.all(
        rolloutActions(work).map(async ({ action, purpose }) => ({
          action,
          purpose,
          ...(await QUESTIONS[action]?.(work)),
          policies: policyFilesFor(action).filter((file) => file === DEPLOYER),
        })),
      ),
  };
}

const builderQuestion = ({ rootDevice, communicator: _, ...work }: BuildWork): RunInstancesCommandInput =>
  runInput(
    {
      ...work,
      token: randomUUID(),
      userData: '',
      rootVolume: { type: 'gp3', encrypted: true },
      terminateOnShutdown: true,
    },
    rootDevice,
  );

const versionQuestion = ({ template, imageId }: RolloutWork): CreateLaunchTemplateVersionCommandInput => ({
  DryRun: true,
  LaunchTemplateId: template.id,
  SourceVersion: String(template.version),
  LaunchTemplateData: { ImageId: imageId },
});

/** As the group will launch them: by the template. The version of the new image may not be there yet, so it is the present one with that image. */
const launchQuestion = ({ template, imageId }: RolloutWork): RunInstancesCommandInput => ({
  DryRun: true,
  MinCount: 1,
  MaxCount: 1,
  LaunchTemplate: { LaunchTemplateId: template.id, Version: String(template.version) },
  ImageId: imageId,
});
