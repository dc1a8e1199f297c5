import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { checkImageName } from './image-names.ts';
import { type ImageRecord, imageIn, images } from './images.ts';
import type { Tags } from './resources.ts';
import { snapshots } from './snapshots.ts';

export interface CopyRequest {
  sourceRegion: string;
  sourceImageId: string;
  /** The region of the copy. */
  region: string;
  name: string;
  description?: string;
  encrypted?: boolean;
  kmsKeyId?: string;
  copyTags: boolean;
  imageTags: Tags;
  snapshotTags: Tags;
}

/**
 * A copy of an image, in its own or another region, in state `pending` with snapshots of its own on the same layers. Throws
 * InvalidAMIID.NotFound, InvalidAMIID.Unavailable, InvalidAMIName.*.
 */
export function copyImage(engine: Engine, request: CopyRequest): ImageRecord {
  const source = imageIn(engine, request.sourceRegion, request.sourceImageId);
  if (source.state !== 'available') {
    throw new ServiceError(
      'InvalidAMIID.Unavailable',
      `The image ID '${source.imageId}' is in state ${source.state} and cannot be copied`,
    );
  }
  checkImageName(engine, request.region, request.name);
  const imageId = engine.ids.resource('ami');
  const now = engine.clock.now();
  const own = Object.entries(source.tags).filter(([key]) => !key.startsWith('aws:'));
  return images(engine).put(imageId, {
    imageId,
    region: request.region,
    name: request.name,
    description:
      request.description ?? `[Copied ${source.imageId} from ${request.sourceRegion}] ${source.name}`,
    state: 'pending',
    layers: source.layers,
    ownerId: engine.account,
    public: false,
    tags: { ...(request.copyTags && Object.fromEntries(own)), ...request.imageTags },
    architecture: source.architecture,
    rootDeviceName: source.rootDeviceName,
    snapshotIds: source.snapshotIds.map((id) => copied(engine, request, imageId, id)),
    dataDevices: source.dataDevices,
    deviceSettings: source.deviceSettings,
    createdAt: now,
    copiedFrom: { imageId: source.imageId, region: request.sourceRegion },
    imdsSupport: source.imdsSupport,
    bootMode: source.bootMode,
    noReboot: false,
    dueAt: now + engine.latency.of('image.copy'),
  });
}

function copied(engine: Engine, request: CopyRequest, imageId: string, sourceId: string): string {
  const source = snapshots(engine).get(sourceId);
  const snapshotId = engine.ids.resource('snap');
  snapshots(engine).put(snapshotId, {
    snapshotId,
    region: request.region,
    // EC2 names a volume that is none for every copied snapshot.
    volumeId: 'vol-ffffffff',
    state: 'pending',
    layers: source?.layers ?? [],
    description: `Copied for DestinationAmi ${imageId} from SourceAmi ${request.sourceImageId} for SourceSnapshot ${sourceId}.`,
    size: source?.size ?? 8,
    encrypted: request.encrypted || request.kmsKeyId !== undefined || (source?.encrypted ?? false),
    kmsKeyId: request.kmsKeyId ?? source?.kmsKeyId,
    public: false,
    startedAt: engine.clock.now(),
    dueAt: engine.clock.now() + engine.latency.of('image.copy'),
    tags: request.snapshotTags,
  });
  return snapshotId;
}
