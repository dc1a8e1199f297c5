import {
  CreateTagsCommand,
  type DescribeInstancesCommandInput,
  EC2Client,
  type Instance as Ec2Instance,
  GetConsoleOutputCommand,
  paginateDescribeInstances,
  RebootInstancesCommand,
  RunInstancesCommand,
  type RunInstancesCommandInput,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import { BakeError, messageOf } from '../../run/errors.ts';
import type { Instance, InstanceState, Instances, LaunchRequest } from '../cloud.ts';
import { isNoCapacity } from './capacity.ts';
import type { Connection } from './connection.ts';
import { describeExisting, tagFilters, tagList, tagRecord } from './describe.ts';
import { codeOf, failedWith } from './errors.ts';
import { images } from './images.ts';
import { IMDS_V2, instanceProfile, rootMapping, toBase64 } from './launch-data.ts';

const UNKNOWN = ['InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'];
/** A new instance profile takes up to ten seconds to reach EC2 (AWS: IAM is eventually consistent). */
const PROFILE_WINDOW = 20_000;

/** EC2 instances. */
export function instances(aws: Connection): Instances {
  const ec2 = aws.client(EC2Client);
  const rootDevices = new Map<string, string>();

  async function describe(input: DescribeInstancesCommandInput): Promise<Instance[]> {
    const found: Instance[] = [];
    for await (const page of paginateDescribeInstances({ client: ec2 }, input)) {
      for (const reservation of page.Reservations ?? []) {
        found.push(...(reservation.Instances ?? []).map(toInstance));
      }
    }
    return found;
  }

  const find = (ids: string[]): Promise<Instance[]> =>
    aws.findAll(ids, (wanted) =>
      describeExisting(wanted, UNKNOWN, (InstanceIds) => describe({ InstanceIds })),
    );

  /** The device that the image boots from: a root volume of another size has to be asked for under its name. */
  async function rootDeviceOf(imageId: string): Promise<string> {
    const known = rootDevices.get(imageId);
    if (known) return known;
    const [image] = await images(aws).find([imageId]);
    if (!image) {
      throw new BakeError(`there is no image ${imageId} here`, {
        hint: 'Images belong to one region and account: check the id, the region and the credentials.',
      });
    }
    rootDevices.set(imageId, image.rootDevice);
    return image.rootDevice;
  }

  /** Calls on an instance that EC2 may not know yet. */
  const act = <T>(instanceId: string, call: () => Promise<T>): Promise<T> =>
    aws.whileUnknown(instanceId, UNKNOWN, call);

  return {
    async launch(request) {
      const input = runInput(request, request.rootDevice ?? (await rootDeviceOf(request.imageId)));
      try {
        const { Instances: launched } = await aws.again(
          () => ec2.send(new RunInstancesCommand(input)),
          isMissingProfile,
          PROFILE_WINDOW,
        );
        const { InstanceId, PrivateIpAddress } = launched![0]!;
        aws.made(InstanceId!);
        return { instanceId: InstanceId!, privateAddress: PrivateIpAddress };
      } catch (error) {
        if (isNoCapacity(codeOf(error))) return { noCapacity: messageOf(error) };
        throw error;
      }
    },
    find,
    findByTags: (tags) => describe({ Filters: tagFilters(tags) }),

    async findByImages(imageIds) {
      const found: Instance[] = [];
      // AWS: a filter takes 200 values.
      for (let at = 0; at < imageIds.length; at += 200) {
        const Values = imageIds.slice(at, at + 200);
        found.push(...(await describe({ Filters: [{ Name: 'image-id', Values }] })));
      }
      return found.filter(({ state }) => state !== 'terminated');
    },

    async setTags(instanceId, tags) {
      const command = new CreateTagsCommand({ Resources: [instanceId], Tags: tagList(tags) });
      await act(instanceId, () => ec2.send(command));
    },

    async start(instanceId) {
      await act(instanceId, () => ec2.send(new StartInstancesCommand({ InstanceIds: [instanceId] })));
    },

    async reboot(instanceId) {
      await act(instanceId, () => ec2.send(new RebootInstancesCommand({ InstanceIds: [instanceId] })));
    },

    async stop(instanceId) {
      const stop = () => ec2.send(new StopInstancesCommand({ InstanceIds: [instanceId] }));
      // A pending instance cannot be stopped; any other wrong state does not pass.
      let pending = true;
      const attempt = async () => {
        try {
          return await stop();
        } catch (error) {
          if (failedWith(error, 'IncorrectInstanceState')) {
            pending = (await find([instanceId]))[0]?.state === 'pending';
          }
          throw error;
        }
      };
      await act(instanceId, () =>
        aws.again(attempt, (error) => failedWith(error, 'IncorrectInstanceState') && pending),
      );
    },

    async terminate(instanceId) {
      // What is terminated needs no orderly shutdown, which can take minutes.
      const command = () =>
        ec2.send(new TerminateInstancesCommand({ InstanceIds: [instanceId], SkipOsShutdown: true }));
      try {
        await act(instanceId, command);
      } catch (error) {
        if (!failedWith(error, ...UNKNOWN)) throw error;
      }
      aws.gone(instanceId);
    },

    async console(instanceId) {
      const read = (Latest: boolean) =>
        ec2.send(new GetConsoleOutputCommand({ InstanceId: instanceId, Latest }));
      const answer = await act(instanceId, () => read(true)).catch((error: unknown) => {
        // Instance types before Nitro have no latest output, only what was written at boot.
        if (failedWith(error, 'UnsupportedOperation', 'InvalidParameterCombination')) return read(false);
        throw error;
      });
      return Buffer.from(answer.Output ?? '', 'base64').toString('utf8');
    },
  };
}

const isMissingProfile = (error: unknown): boolean =>
  failedWith(error, 'InvalidParameterValue') && /iam ?instance ?profile/i.test(messageOf(error));

const taggedWith = ({ spot }: LaunchRequest) =>
  (['instance', 'volume', 'network-interface', 'spot-instances-request'] as const).filter(
    (type) => type !== 'spot-instances-request' || spot,
  );

/** AWS: RunInstances. One instance, IMDSv2 only, tagged in the call that creates it. */
export function runInput(request: LaunchRequest, rootDevice: string): RunInstancesCommandInput {
  return {
    ClientToken: request.token,
    MinCount: 1,
    MaxCount: 1,
    ImageId: request.imageId,
    KeyName: request.keyName,
    InstanceType: request.instanceType as RunInstancesCommandInput['InstanceType'],
    SubnetId: request.subnetId,
    SecurityGroupIds: request.securityGroupIds?.length ? request.securityGroupIds : undefined,
    IamInstanceProfile: instanceProfile(request.instanceProfile),
    UserData: request.userData === '' ? undefined : toBase64(request.userData),
    MetadataOptions: IMDS_V2,
    BlockDeviceMappings: [rootMapping({ ...request.rootVolume, device: rootDevice })],
    // One-time: a request that outlived its instance would launch the next one.
    InstanceMarketOptions: request.spot
      ? { MarketType: 'spot', SpotOptions: { SpotInstanceType: 'one-time' } }
      : undefined,
    InstanceInitiatedShutdownBehavior: request.terminateOnShutdown ? 'terminate' : 'stop',
    TagSpecifications: taggedWith(request).map((ResourceType) => ({
      ResourceType,
      Tags: tagList(request.tags),
    })),
  };
}

function toInstance(instance: Ec2Instance): Instance {
  const { StateReason, StateTransitionReason } = instance;
  return {
    id: instance.InstanceId!,
    state: (instance.State?.Name ?? 'pending') as InstanceState,
    reason: StateReason?.Message || StateTransitionReason || undefined,
    imageId: instance.ImageId ?? '',
    instanceType: instance.InstanceType ?? '',
    privateAddress: instance.PrivateIpAddress,
    publicAddress: instance.PublicIpAddress || undefined,
    instanceProfile: instance.IamInstanceProfile?.Arn,
    securityGroupIds: (instance.SecurityGroups ?? []).flatMap(({ GroupId }) => GroupId ?? []),
    launchedAt: instance.LaunchTime?.getTime() ?? 0,
    tags: tagRecord(instance.Tags),
  };
}
