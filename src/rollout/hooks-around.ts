import { releaseOfVersion } from '../fleet/settings.ts';
import type { HookFacts, HookMoment } from '../hooks/hooks.ts';
import type { Rollout } from './context.ts';

/** The hooks around a rollout of either strategy, with what they are told. `to` is the colour that comes, where there is one. */
export function hooksAround(
  { before, image, version }: Pick<Rollout, 'before' | 'image' | 'version'>,
  strategy: 'rolling' | 'blue-green',
  to = before.group.name,
): { before: HookMoment; after: HookMoment; facts: HookFacts } {
  const facts: HookFacts = {
    strategy,
    release: image.release,
    image: image.imageId,
    group: to,
    version,
    previousGroup: to === before.group.name ? undefined : before.group.name,
    previousRelease: releaseOfVersion(before.previous),
    previousVersion: before.previous.version,
  };
  return { before: 'beforeRollout', after: 'afterRollout', facts };
}
