import { systemClock } from '../../run/clock.ts';
import { BakeError } from '../../run/errors.ts';
import type { Cloud } from '../cloud.ts';
import type { OpenCloudOptions } from '../options.ts';
import { absent } from './absent.ts';
import { commands } from './commands.ts';
import { Connection } from './connection.ts';
import { copies } from './copies.ts';
import { groups } from './groups.ts';
import { identity } from './identity.ts';
import { images } from './images.ts';
import { instances } from './instances.ts';
import { leftovers } from './leftovers.ts';
import { lifecycleHooks } from './lifecycle-hooks.ts';
import { parameters } from './parameters.ts';
import { permissions } from './permissions.ts';
import { refreshes } from './refreshes.ts';
import { scaling } from './scaling.ts';
import { sshAccess } from './ssh-access.ts';
import { templates } from './templates.ts';
import { traffic } from './traffic.ts';
import { alarms, logs, networks, queues } from './watching.ts';

/** Alibaba Cloud behind the port. The SDK is loaded by the first call. */
export async function openAlicloud(options: OpenCloudOptions): Promise<Cloud> {
  const { endpoint, credentials, local = false, clock = systemClock } = options;
  const region = options.region ?? process.env.ALIBABA_CLOUD_REGION_ID;
  if (!region)
    throw new BakeError('no Alibaba Cloud region is set', {
      exitCode: 2,
      hint: 'Write region: in bake.yaml, or set ALIBABA_CLOUD_REGION_ID.',
    });
  return cloudOf(new Connection({ region, endpoint, credentials, local, clock }));
}

function cloudOf(ali: Connection): Cloud {
  const elsewhere = new Map<string, Cloud>();
  return {
    kind: 'alicloud',
    region: ali.region,
    local: ali.local,
    identity: () => identity(ali),
    images: images(ali),
    instances: instances(ali),
    commands: commands(ali),
    sshAccess: sshAccess(ali),
    staging: absent(
      'bake carries files through Cloud Assistant or SSH on Alibaba Cloud, not through a bucket',
      'Leave image.builder.stagingBucket out; for large files use image.builder.communicator: ssh.',
    ),
    parameters: parameters(ali),
    leftovers: leftovers(ali),
    templates: templates(ali),
    groups: groups(ali),
    copies: copies(ali),
    traffic: traffic(ali),
    scaling: scaling(),
    alarms: alarms(),
    lifecycleHooks: lifecycleHooks(ali),
    refreshes: refreshes(ali),
    refreshesKeepTime: false,
    queues: queues(),
    logs: logs(),
    networks: networks(),
    permissions: permissions(),
    inRegion(other) {
      const cloud = elsewhere.get(other) ?? cloudOf(ali.inRegion(other));
      elsewhere.set(other, cloud);
      return cloud;
    },
    // The SDK's sockets do not keep the process.
    close() {},
  };
}
