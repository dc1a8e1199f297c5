import type { Cloud, Instance } from '../../clouds/cloud.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { BakeError, usageError } from '../../run/errors.ts';

/** A server by the name that messages call it, and how it is reached. */
export interface HostAddress {
  name: string;
  address: string;
  port: number;
  user: string;
  /** A line as in `ssh_host_ed25519_key.pub`, where the configuration has it. */
  hostKey?: string;
}

/** The servers: as listed, or the running instances that the cloud has by tags or in a group. In the order of their names. */
export async function findHosts(config: InPlaceConfig, cloud: () => Cloud): Promise<HostAddress[]> {
  const { hosts, user, port } = config;
  if (!hosts) return fromCloud(config, cloud());
  const found = hosts.map((host) => ({
    ...{ address: host.address, hostKey: host.hostKey },
    ...{ name: host.name ?? host.address, user: host.user ?? user, port: host.port ?? port },
  }));
  const twice = found.find(({ name }, index) => found.findIndex((other) => other.name === name) !== index);
  if (twice) throw usageError(`inPlace.hosts: ${twice.name} is there twice`);
  return found;
}

async function fromCloud(config: InPlaceConfig, cloud: Cloud): Promise<HostAddress[]> {
  const { tags, group, address: which, user, port } = config;
  const instances = tags ? await cloud.instances.findByTags(tags) : await ofGroup(cloud, group!);
  const running = instances.filter(({ state }) => state === 'running');
  const where = tags ? 'with the tags of inPlace.tags' : `in group ${group}`;
  if (running.length === 0) throw new BakeError(`no instance ${where} is running in ${cloud.region}`);
  const names = new Map<string, number>();
  for (const { tags } of running) names.set(tags.Name ?? '', (names.get(tags.Name ?? '') ?? 0) + 1);
  const found = running.map((instance) => {
    const given = instance.tags.Name;
    const name = given && names.get(given) === 1 ? given : instance.id;
    const address = which === 'public' ? instance.publicAddress : instance.privateAddress;
    if (address === undefined) throw new BakeError(`${name} has no ${which} address`);
    return { name, address, port, user };
  });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function ofGroup(cloud: Cloud, name: string): Promise<Instance[]> {
  const group = await cloud.groups.find(name);
  if (!group) throw usageError(`there is no group ${name} in ${cloud.region}`);
  const ids = group.instances.map(({ id }) => id);
  return ids.length === 0 ? [] : cloud.instances.find(ids);
}
