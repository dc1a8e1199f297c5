import type { Image } from '../clouds/cloud.ts';
import type { Inputs, LayerFingerprint } from './fingerprints.ts';
import type { Manifest } from './manifest.ts';
import type { Anew } from './plan.ts';

/** Why a layer is built, in words: what changed since the last build, as far as its manifest tells. */
export function whyBuilt(
  own: LayerFingerprint,
  context: { below?: LayerFingerprint; base: Image; last?: Manifest; anew?: Anew },
): string {
  const { below, base, last, anew } = context;
  if (anew === 'all') return 'built anew (--no-cache)';
  if (typeof anew === 'object' && anew.from === own.name) return `built anew (--from ${own.name})`;
  const before = last?.layers.find((layer) => layer.name === own.name);
  if (!last || !before) return 'no image of this layer yet';
  const changed = changedInputs(before.inputs, own.inputs);
  if (changed.length > 0)
    return `${changed[0]}${changed.length > 1 ? ` (and ${changed.length - 1} more)` : ''}`;
  if (before.fingerprint !== own.fingerprint) {
    const belowBefore = last.layers.find((layer) => layer.name === below?.name);
    if (below && belowBefore?.fingerprint !== below.fingerprint) return 'a layer below it changed';
    if (last.base.id !== base.id) return `the base image changed (${last.base.id} -> ${base.id})`;
    return 'its provisioners changed';
  }
  if (typeof anew === 'object') return 'a layer below it is built anew';
  return anew === 'last' ? 'another release of the same content' : 'there is no image of it any more';
}

function changedInputs(before: Inputs, now: Inputs): string[] {
  const labels = [...new Set([...Object.keys(now), ...Object.keys(before)])].sort();
  return labels.flatMap((label) => {
    if (before[label] === now[label]) return [];
    if (before[label] === undefined) return [`${label} added`];
    return [`${label} ${now[label] === undefined ? 'removed' : 'changed'}`];
  });
}
