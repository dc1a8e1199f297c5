import type { HookFacts, HookMoment } from '../hooks/hooks.ts';
import type { Rollout } from './context.ts';

/** The hooks around a rollout of either strategy, with what they are told. */
export async function hooksAround(
  { before, roster, image, version }: Pick<Rollout, 'before' | 'roster' | 'image' | 'version'>,
  strategy: 'rolling' | 'blue-green',
): Promise<{ before: HookMoment; after: HookMoment; facts: HookFacts }> {
  const facts: HookFacts = {
    strategy,
    release: image.release,
    image: image.imageId,
    group: before.group.name,
    version,
    previousRelease: await roster.releaseOf(before.previous.version),
    previousVersion: before.previous.version,
  };
  return { before: 'beforeRollout', after: 'afterRollout', facts };
}
