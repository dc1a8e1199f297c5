import { resolve } from 'node:path';
import type { Project } from '../config/schema.ts';
import { shippedName } from '../config/shipped.ts';
import { spareDownloads } from './downloads.ts';
import { shorten } from './shorten.ts';
import { mapAt, mapsIn, need, type Raw, rawImages } from './tree-edit.ts';

/** A configuration made for the rehearsal, and what is different in it, a sentence each. */
export interface Adapted {
  config: Raw;
  differences: string[];
}

/** The image that the local cloud has, by the names that the clouds give to their own. */
export const baseOf = (cloud: 'aws' | 'alicloud') =>
  cloud === 'aws'
    ? { ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64' }
    : { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' };
/** Instances are real processes: a fleet of a hundred is rehearsed by so many. */
const MOST_INSTANCES = 3;

export interface AdaptOptions {
  /** How much shorter waits are. */
  speed: number;
  /** Whether the user's own programs are run. */
  hooks: boolean;
}

/**
 * The user's configuration as it can be rehearsed: files are named by their absolute paths, what only the user's account has (ids of
 * networks, keys, images) gives way to what the local cloud has, waits are shorter, the fleet is small, and nobody is told anything.
 * Everything else is as it will be. Pure.
 */
export function adapt(merged: Raw, project: Project, options: AdaptOptions): Adapted {
  const config = structuredClone(merged);
  const differences: string[] = [];
  for (const key of ['notify', 'chat', 'release', 'branches', 'rehearse', 'environments', 'region'])
    delete config[key];
  if (project.environment !== 'default') config.environments = { [project.environment]: {} };
  for (const image of rawImages(config)) {
    adaptImage(image, project, differences);
    absolutePaths(image, project.directory);
    for (const said of spareDownloads(image)) if (!differences.includes(said)) differences.push(said);
  }
  adaptFleet(config, project, differences);
  absoluteFleetPaths(config, project.directory);
  if (mapAt(config, 'smoke', 'sqs')) need(need(config, 'smoke'), 'sqs').queue = queueName(project);
  if (config.hooks !== undefined && !options.hooks) {
    delete config.hooks;
    differences.push('hooks are not run: they may reach what is real (--hooks runs them)');
  }
  differences.push(...shorten(config, project, options.speed));
  return { config, differences };
}

/** A queue may be named by its URL. */
export const queueName = ({ config }: Project): string => lastPart(config.smoke.sqs?.queue ?? '');

export const lastPart = (text: string): string => text.slice(Math.max(text.lastIndexOf('/'), -1) + 1);

function adaptImage(image: Raw, { config: { cloud } }: Project, differences: string[]): void {
  const tell = (text: string) => void (differences.includes(text) || differences.push(text));
  const base = mapAt(image, 'base') ?? {};
  const isLocal =
    String(base.ssmParameter ?? '').startsWith('/aws/service/ami-amazon-linux-latest/') ||
    String(base.family ?? '').startsWith('acs:');
  if (!isLocal) {
    image.base = baseOf(cloud);
    tell('the base image is that of the local cloud: the files of this machine');
  }
  const builder = mapAt(image, 'builder');
  if (!builder) return;
  const own = ['subnets', 'securityGroups'].filter((key) => builder[key] !== undefined);
  for (const key of own) delete builder[key];
  if (own.length > 0) tell('builders are launched in the default network');
  const ssh = mapAt(builder, 'ssh') ?? (builder.communicator === 'ssh' ? need(builder, 'ssh') : undefined);
  if (!ssh) return;
  delete ssh.bastion;
  Object.assign(ssh, { source: '127.0.0.1/32', address: 'private', port: 22 });
  if (cloud === 'aws') delete ssh.user;
}

function adaptFleet(config: Raw, { config: { fleet } }: Project, differences: string[]): void {
  const raw = mapAt(config, 'fleet');
  if (!raw || !fleet) return;
  const own = ['subnets', 'securityGroups', 'keyName'].filter((key) => raw[key] !== undefined);
  for (const key of own) delete raw[key];
  if (own.length > 0) differences.push('instances are launched in the default network, without a key pair');
  const { min, max, desired } = fleet.size;
  const fewer = Math.min(Math.max(desired, 1), MOST_INSTANCES);
  raw.size = {
    min: Math.min(min, fewer),
    max: Math.max(Math.min(max, 2 * MOST_INSTANCES), fewer),
    desired: fewer,
  };
  if (fewer !== desired) differences.push(`${fewer} instances stand for ${desired}`);
}

/** Files are read from where they are: the rehearsal has a directory of its own. */
function absolute(map: Raw | undefined, key: string, directory: string): void {
  const named = map?.[key];
  if (map && typeof named === 'string' && shippedName(named) === undefined)
    map[key] = resolve(directory, named);
}

function absolutePaths(image: Raw, directory: string): void {
  for (const layer of mapsIn(image, 'layers'))
    for (const provisioner of mapsIn(layer, 'provisioners')) {
      absolute(provisioner, 'script', directory);
      absolute(provisioner, 'upload', directory);
    }
  absolute(mapAt(image, 'test'), 'userData', directory);
}

function absoluteFleetPaths(config: Raw, directory: string): void {
  absolute(mapAt(config, 'fleet'), 'userData', directory);
  for (const use of mapsIn(mapAt(config, 'fleet'), 'scaling')) absolute(use, 'policy', directory);
}
