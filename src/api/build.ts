import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { findColours } from '../fleet/colours.ts';
import type { BuildResult as BuiltImage } from '../image/build.ts';
import { buildImages, imagesOf } from '../image/images.ts';
import { count, formatDuration } from '../run/format.ts';
import { type Outcome, perform, type RunOptions } from './perform.ts';

/** Options of `build`. */
export interface BuildOptions extends RunOptions {
  /** Name of the release. Default: the next number. */
  release?: string;
  /** False builds every layer anew. */
  cache?: boolean;
  /** Builds this layer and those above it anew. */
  from?: string;
  /** Builds one of several images. */
  only?: string;
  /** Goes on with the builder that a crashed build left: with that of this run, or of the newest one. */
  resume?: string | true;
}

/** One image of the project; `name` where bake.yaml has several. */
export type Built = BuiltImage & { name?: string };

/** The image that the fleet runs; `all` of them, where there are several. */
export type BuildResult = Built & { all: Built[] };

/**
 * Makes sure that there is an image of the project as it stands: finds it, or builds the layers that changed. `bake build`. However it
 * ends, no builder and no unfinished image is left.
 */
export const build = (project: Project, options: BuildOptions = {}): Promise<BuildResult> =>
  perform(project, options, {
    command: 'build',
    async work({ run, cloud }) {
      const { release, cache, from, only, resume } = options;
      const images = imagesOf(project, only);
      const results = await buildImages(run, cloud, images, { release, cache, from, resume });
      const all = images.map(({ config }, index): Built => ({ name: config.imageName, ...results[index]! }));
      const main = all.find(({ name }) => name === project.config.imageName) ?? all[0]!;
      const took = formatDuration(run.clock.now() - run.startedAt);
      return { ...told(all, took), next: await nextOf(cloud, project), result: { ...main, all } };
    },
  });

/** A fleet has to be there before anything can be rolled out to it. */
async function nextOf(cloud: Cloud, project: Project): Promise<string[]> {
  if (!project.config.fleet) return [];
  const { strategy } = project.config.rollout;
  // Who may build need not be allowed to look at fleets.
  const there = await findColours(cloud, project).catch(() => true);
  return there
    ? ['bake plan rollout', `bake rollout --strategy ${strategy}`]
    : ['bake fleet apply    # makes the launch template and the scaling group, with this release'];
}

function told(all: Built[], took: string): Outcome {
  const changed = all.filter((image) => image.built.length > 0).map(changeOf);
  const [only, ...others] = all;
  if (only && others.length === 0) {
    const is = `release ${only.release} is image ${only.imageId}`;
    if (changed.length === 0) return { headline: `nothing changed: ${is} (${took})` };
    return {
      headline: `${is} (${only.built.length} of ${count(only.layers, 'layer')} built, ${took})`,
      changed,
    };
  }
  if (changed.length === 0) {
    return { headline: `nothing changed: ${count(all.length, 'image')} as they are (${took})` };
  }
  return { headline: `${changed.length} of ${count(all.length, 'image')} built (${took})`, changed };
}

const changeOf = ({ name, imageId, release, built }: Built): string =>
  `${name === undefined ? 'image' : name} ${imageId}: release ${release}, built ${built.join(', ')}`;
