import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findResource, type Tags } from './resources.ts';

export interface ImageRecord {
  imageId: string;
  name: string;
  description: string;
  state: 'pending' | 'available' | 'failed' | 'deregistered';
  stateReason?: { code: string; message: string };
  /** Topmost first; the runtime's own base lies under them. */
  layers: string[];
  /** `amazon` for the built-in base. */
  ownerId: string;
  public: boolean;
  tags: Tags;
  architecture: string;
  rootDeviceName: string;
  /** The root volume's first. */
  snapshotIds: string[];
  /** Device names of the snapshots after the first. */
  dataDevices: string[];
  createdAt: number;
  sourceInstanceId?: string;
  /** CreateImage's: the source may be stopped for it. */
  noReboot: boolean;
  /** End of the present transition; undefined while the layer is not frozen yet. */
  dueAt?: number;
}

export const images = (engine: Engine) => engine.store.table<ImageRecord>('images');

/** Throws InvalidAMIID.NotFound or InvalidAMIID.Malformed. */
export const findImage = (engine: Engine, id: string) => findResource<ImageRecord>(engine, 'ami', id);

/** The image, if instances can be launched from it; else throws InvalidAMIID.Unavailable. */
export function launchableImage(engine: Engine, id: string): ImageRecord {
  const image = findImage(engine, id);
  if (image.state !== 'available') {
    throw new ServiceError(
      'InvalidAMIID.Unavailable',
      image.state === 'deregistered'
        ? `The image ID '${id}' is no longer available`
        : `The image ID '${id}' is in state ${image.state} and cannot be used`,
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
    noReboot: false,
  });
  return imageId;
}
