import {
  CreateKeyPairCommand,
  CreateSecurityGroupCommand,
  CreateSnapshotCommand,
  CreateVolumeCommand,
  EC2Client,
  type ResourceType,
} from '@aws-sdk/client-ec2';
import type { Project } from '../../src/config/schema.ts';
import { baseImageId } from '../../src/localcloud/engine/ec2/images.ts';
import { ownTags, TAG } from '../../src/run/tags.ts';
import type { AdapterTest } from './adapter.ts';

/** One of everything, as a build that was killed would leave it; it expires `lives` milliseconds from now. Returns ids. */
export async function leaveEverything(
  adapter: AdapterTest,
  project: Project,
  run: string,
  lives: number,
): Promise<string[]> {
  const { cloud } = adapter;
  const ec2 = new EC2Client(adapter.local.client);
  const tags = ownTags(project, run, { [TAG.expires]: new Date(adapter.clock.now() + lives).toISOString() });
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const specified = (ResourceType: ResourceType) => ({ TagSpecifications: [{ ResourceType, Tags }] });
  const launch = async (token: string) => {
    const launched = await cloud.instances.launch({
      token: `${run} ${token}`,
      imageId: baseImageId(adapter.local.engine),
      instanceType: 't3.small',
      rootVolume: { type: 'gp3', encrypted: true },
      userData: '',
      tags,
      terminateOnShutdown: true,
    });
    if (!('instanceId' in launched)) throw new Error(launched.noCapacity);
    return launched.instanceId;
  };
  const [builder, stopped] = [await launch('builder'), await launch('stopped')];
  const become = (id: string, state: string) =>
    adapter.until(state, async () => (await cloud.instances.find([id]))[0]?.state === state);
  await become(stopped, 'running');
  await cloud.instances.stop(stopped);
  await become(stopped, 'stopped');
  const image = await cloud.images.createFromInstance({
    instanceId: stopped,
    name: `image-${run}`,
    description: '',
    tags,
  });
  const volume = await ec2.send(
    new CreateVolumeCommand({ AvailabilityZone: 'eu-central-1a', Size: 8, ...specified('volume') }),
  );
  await adapter.until('the volume', async () => {
    const [found] = await cloud.leftovers.find(['volume'], { [TAG.run]: run });
    return found && (await cloud.leftovers.find(['volume'], { [TAG.run]: run })).some((one) => !one.inUse);
  });
  const snapshot = await ec2.send(
    new CreateSnapshotCommand({ VolumeId: volume.VolumeId, ...specified('snapshot') }),
  );
  const key = await ec2.send(new CreateKeyPairCommand({ KeyName: run, ...specified('key-pair') }));
  const group = await ec2.send(
    new CreateSecurityGroupCommand({ GroupName: run, Description: run, ...specified('security-group') }),
  );
  ec2.destroy();
  return [
    builder,
    stopped,
    image,
    volume.VolumeId!,
    snapshot.SnapshotId!,
    key.KeyPairId!,
    group.GroupId!,
  ].sort();
}

/** An image as a build leaves it before it is published. */
export async function bakeImage(adapter: AdapterTest, project: Project): Promise<string> {
  const { cloud } = adapter;
  const launched = await cloud.instances.launch({
    token: 'builder',
    imageId: baseImageId(adapter.local.engine),
    instanceType: 't3.small',
    rootVolume: { type: 'gp3', encrypted: true },
    userData: '',
    tags: {},
    terminateOnShutdown: true,
  });
  const { instanceId } = launched as { instanceId: string };
  const become = (state: string) =>
    adapter.until(state, async () => (await cloud.instances.find([instanceId]))[0]?.state === state);
  await become('running');
  await cloud.instances.stop(instanceId);
  await become('stopped');
  const imageId = await cloud.images.createFromInstance({
    instanceId,
    name: 'testing-r1',
    description: '',
    tags: ownTags(project, 'build', {
      [TAG.release]: '1',
      [TAG.expires]: new Date(adapter.clock.now() + 86_400_000).toISOString(),
    }),
  });
  await adapter.until('image', async () => (await cloud.images.find([imageId]))[0]?.state === 'available');
  return imageId;
}
