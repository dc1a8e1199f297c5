import { gunzipSync } from 'node:zlib';
import type { Engine } from '../engine.ts';
import type { InstanceRecord } from './instance-record.ts';

/** Brings the instance's machine up, with what every process in it needs to find this cloud. */
export async function boot(engine: Engine, instance: InstanceRecord): Promise<void> {
  await engine.runtime.boot({
    instanceId: instance.instanceId,
    layers: instance.layers,
    userData: plainUserData(instance.userData),
    firstBoot: !instance.booted,
    hostname: instance.dnsName.split('.')[0] as string,
    address: instance.address,
    publicKey: instance.publicKey,
    environment: {
      AWS_ENDPOINT_URL: engine.endpoint,
      AWS_REGION: engine.region,
      AWS_DEFAULT_REGION: engine.region,
      ...(await openMetadata(engine, instance)),
    },
  });
}

/** The metadata service's address for the environment; nothing where it is switched off. */
export async function openMetadata(
  engine: Engine,
  instance: InstanceRecord,
): Promise<Record<string, string>> {
  if (!engine.metadata || instance.metadataOptions.httpEndpoint === 'disabled') return {};
  const url = await engine.metadata.open(instance.instanceId, instance.address);
  return { AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
}

/** cloud-init takes user data gzipped as well. */
function plainUserData(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8');
}
