/** A tag's value has at most 256 characters: so many fingerprints fit. */
const MOST_LAYERS = 19;
const shortened = (fingerprint: string): string => fingerprint.slice(0, 12);

/** The value of `TAG.layers`: the fingerprints of the layers below a release's own, lowest first, shortened. */
export const layersTag = (fingerprints: string[]): string =>
  fingerprints.slice(-MOST_LAYERS).map(shortened).join(' ');

/** Whether a release, by the value of its `TAG.layers`, stands on the layer with this fingerprint. */
export const standsOn = (value: string | undefined, fingerprint: string): boolean =>
  (value ?? '').split(' ').includes(shortened(fingerprint));
