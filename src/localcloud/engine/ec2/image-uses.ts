import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type ImageRecord, images, ownImage } from './images.ts';

/** EC2: protection lasts for 24 hours after it was taken off. Milliseconds. */
const PROTECTION_COOLDOWN = 24 * 3_600_000;

/** Nothing can be launched from a disabled image, and nobody else sees it. Throws as `ownImage`, IncorrectState. */
export function disableImage(engine: Engine, region: string, imageId: string): void {
  const { state } = ownImage(engine, region, imageId);
  if (state === 'disabled') return;
  if (state !== 'available') throw wrongState(imageId, state);
  images(engine).patch(imageId, { state: 'disabled', public: false, sharedWith: [] });
}

export function enableImage(engine: Engine, region: string, imageId: string): void {
  const { state } = ownImage(engine, region, imageId);
  if (state === 'available') return;
  if (state !== 'disabled') throw wrongState(imageId, state);
  images(engine).patch(imageId, { state: 'available' });
}

const wrongState = (imageId: string, state: string) =>
  new ServiceError('InvalidAMIID.Unavailable', `The image ID '${imageId}' is in state ${state}`);

/** `at` undefined takes the deprecation back. EC2: to the minute, at most ten years ahead, two for a public image. */
export function deprecateImage(
  engine: Engine,
  region: string,
  imageId: string,
  at: number | undefined,
): void {
  const image = ownImage(engine, region, imageId);
  const now = engine.clock.now();
  const years = image.public ? 2 : 10;
  if (at !== undefined && (at < now || at > now + years * 366 * 24 * 3_600_000)) {
    throw new ServiceError(
      'InvalidParameterValue',
      `The deprecation date must be in the future, within ${years} years.`,
    );
  }
  images(engine).patch(imageId, {
    deprecatedAt: at === undefined ? undefined : Math.round(at / 60_000) * 60_000,
  });
}

/** With a cooldown, protection holds for 24 hours after it is taken off. */
export function protectImage(engine: Engine, region: string, imageId: string, cooldown: boolean): void {
  ownImage(engine, region, imageId);
  images(engine).patch(imageId, { protection: { cooldown } });
}

export function unprotectImage(engine: Engine, region: string, imageId: string): void {
  const { protection } = ownImage(engine, region, imageId);
  if (!protection || protection.until !== undefined) return;
  const until = engine.clock.now() + PROTECTION_COOLDOWN;
  images(engine).patch(imageId, { protection: protection.cooldown ? { cooldown: true, until } : undefined });
}

/** Whether it cannot be deregistered now. */
export const isProtected = (engine: Engine, { protection }: ImageRecord): boolean =>
  protection !== undefined && (protection.until === undefined || protection.until > engine.clock.now());

/** As `deregistrationProtection` has it. */
export const protectionName = ({ protection }: ImageRecord): string =>
  !protection || protection.until !== undefined
    ? 'disabled'
    : protection.cooldown
      ? 'enabled-with-cooldown'
      : 'enabled-without-cooldown';
