import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import type { Shared } from './permissions.ts';
import { findResource, type Tags } from './resources.ts';

/** What a device of an image is made with where nothing else is asked. Sizes in GiB, throughput in MiB/s. */
export interface DeviceSettings {
  size?: number;
  type?: string;
  iops?: number;
  throughput?: number;
  deleteOnTermination?: boolean;
}

export interface ImageRecord extends Shared {
  imageId: string;
  /** An image can be used in its region only. */
  region: string;
  name: string;
  description: string;
  state: 'pending' | 'available' | 'failed' | 'disabled' | 'deregistered';
  stateReason?: { code: string; message: string };
  /** Topmost first; the runtime's own base lies under them. */
  layers: string[];
  /** `amazon` for the built-in base. */
  ownerId: string;
  tags: Tags;
  architecture: string;
  rootDeviceName: string;
  /** The root volume's first. */
  snapshotIds: string[];
  /** Device names of the snapshots after the first. */
  dataDevices: string[];
  /** By device name. */
  deviceSettings?: Record<string, DeviceSettings>;
  createdAt: number;
  sourceInstanceId?: string;
  /** CopyImage's. */
  copiedFrom?: { imageId: string; region: string };
  /** Its instances ask for session tokens at their metadata service. */
  imdsSupport?: 'v2.0';
  bootMode?: string;
  /** From then on others do not see it in listings. */
  deprecatedAt?: number;
  /** Cannot be deregistered; where it was taken off again with a cooldown, until then. */
  protection?: { cooldown: boolean; until?: number };
  /** CreateImage's: the source may be stopped for it. */
  noReboot: boolean;
  /** End of the present transition; undefined while the layer is not frozen yet. */
  dueAt?: number;
}

export const images = (engine: Engine) => engine.store.table<ImageRecord>('images');

/** Throws InvalidAMIID.NotFound or InvalidAMIID.Malformed. */
export const findImage = (engine: Engine, id: string) => findResource<ImageRecord>(engine, 'ami', id);

/** Throws InvalidAMIID.NotFound for one of another region, InvalidAMIID.Unavailable for one that is gone. */
export function imageIn(engine: Engine, region: string, id: string): ImageRecord {
  const image = findImage(engine, id);
  if (image.region !== region) {
    throw new ServiceError('InvalidAMIID.NotFound', `The image id '[${id}]' does not exist`);
  }
  if (image.state === 'deregistered') {
    throw new ServiceError('InvalidAMIID.Unavailable', `The image ID '${id}' is no longer available`);
  }
  return image;
}

/** One of the account's own, to be changed. Throws as `imageIn`, and AuthFailure. */
export function ownImage(engine: Engine, region: string, id: string): ImageRecord {
  const image = imageIn(engine, region, id);
  if (image.ownerId !== engine.account) {
    throw new ServiceError('AuthFailure', `Not authorized for image:${id}`, 403);
  }
  return image;
}

/** The image, if instances can be launched from it; else throws InvalidAMIID.Unavailable. */
export function launchableImage(engine: Engine, id: string): ImageRecord {
  const image = imageIn(engine, engine.region, id);
  if (image.state !== 'available') {
    throw new ServiceError(
      'InvalidAMIID.Unavailable',
      `The image ID '${id}' is in state ${image.state} and cannot be used`,
    );
  }
  return image;
}

/** The public image that every cloud starts with: the machine's own files. The same id for the life of the store. */
export function baseImageId(engine: Engine): string {
  const existing = images(engine).filter((image) => image.ownerId === 'amazon')[0];
  if (existing) return existing.imageId;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  const imageId = engine.ids.resource('ami');
  images(engine).put(imageId, {
    imageId,
    region: engine.region,
    name: `al2023-local-base-${architecture}`,
    description: "The local cloud's base image: this machine's own files",
    state: 'available',
    layers: [],
    ownerId: 'amazon',
    public: true,
    tags: {},
    architecture,
    rootDeviceName: '/dev/xvda',
    snapshotIds: [],
    dataDevices: [],
    createdAt: engine.clock.now(),
    imdsSupport: 'v2.0',
    noReboot: false,
  });
  return imageId;
}
