import type { Tags } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';

/** The tags that bake writes; everything it makes in a cloud carries the first three. */
export const TAG = {
  project: 'bake:project',
  environment: 'bake:environment',
  run: 'bake:run',
  release: 'bake:release',
  /** On images: which of the project's `images` it is, where there are several. */
  image: 'bake:image',
  /** When a temporary resource may be removed by anyone: ISO 8601, or `never` once it has become a lasting one. */
  expires: 'bake:expires',
  /** On images of a release: the fingerprints of the layers below its own, shortened. */
  layers: 'bake:layers',
  /** On images of a release: when it passed its candidate test. */
  tested: 'bake:tested',
  /** On images of a release: since when everybody may use it. Without this tag it is no release yet. */
  published: 'bake:published',
  /** On images of a release: digest of the settings that it was distributed by. */
  distribution: 'bake:distribution',
  /** On copies: the image that it was copied from. */
  sourceImage: 'bake:source-image',
  /** On images: name of the layer that the image holds (and all below it). */
  layer: 'bake:layer',
  /** On images: fingerprint of that layer. */
  fingerprint: 'bake:fingerprint',
  baseImage: 'bake:base-image',
  gitCommit: 'bake:git-commit',
  /** On scaling groups: the last release that passed its smoke tests, and its launch template version. */
  verifiedRelease: 'bake:verified-release',
  verifiedVersion: 'bake:verified-version',
  /** On scaling groups: launch template versions that were verified before that one, the latest first, by spaces. */
  verifiedBefore: 'bake:verified-before',
  /** On scaling groups of a fleet that has two: `front` does the work, `back` is coming or is kept for the way back. */
  colour: 'bake:colour',
  /** On scaling groups: the processes that bake has suspended there and that are to be resumed when it is in front, by spaces. */
  suspended: 'bake:suspended',
} as const;

/** The value of `TAG.expires` on what is meant to stay. */
export const NEVER = 'never';

/** The tags of everything made by a run, and the project's own. */
export const ownTags = (project: Project, runId: string, more: Tags = {}): Tags => ({
  ...project.config.tags,
  [TAG.project]: project.config.project,
  [TAG.environment]: project.environment,
  [TAG.run]: runId,
  ...more,
});
