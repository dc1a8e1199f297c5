import type { HookFacts } from '../../hooks/hooks.ts';
import type { Change } from './context.ts';

/** What hooks around a change of colours are told. */
export const hookFacts = ({ release, imageId, to, from, template, previous }: Change): HookFacts => ({
  strategy: 'blue-green',
  release,
  image: imageId,
  group: to,
  version: template.version,
  previousGroup: from,
  previousRelease: previous.release,
  previousVersion: previous.version,
});
