import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { findColours } from '../fleet/colours.ts';
import type { BuildResult } from '../image/build.ts';
import { buildImages, imagesOf } from '../image/images.ts';
import { manifestFile } from '../image/manifest.ts';
import { count, formatDuration } from '../run/format.ts';
import { writeGithubOutput } from './github-output.ts';
import { type GlobalOptions, type Outcome, runCommand } from './session.ts';

interface BuildCommandOptions extends GlobalOptions {
  /** Name of the release; default: the next number. */
  release?: string;
  /** False (--no-cache) builds every layer anew. */
  cache?: boolean;
  /** Builds this layer and those above it anew. */
  from?: string;
  /** --resume [run]: go on with what a crashed build left. */
  resume?: string | true;
  /** One of several images. */
  only?: string;
}

/** `bake build` */
export const build = (options: BuildCommandOptions): Promise<number> =>
  runCommand('build', options, async ({ run, cloud, project }) => {
    const { release, cache, from, only, resume } = options;
    const images = imagesOf(project, only);
    const results = await buildImages(run, cloud, images, { release, cache, from, resume });
    const built = images.map(({ config }, index) => ({ name: config.imageName, ...results[index]! }));
    writeGithubOutput(outputsOf(project, built));
    const took = formatDuration(run.clock.now() - run.startedAt);
    return { ...told(built, took), next: await nextOf(cloud, project) };
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

type Built = BuildResult & { name?: string };

function told(built: Built[], took: string): Outcome {
  const changed = built.filter((image) => image.built.length > 0).map(changeOf);
  const [only, ...others] = built;
  if (only && others.length === 0) {
    const is = `release ${only.release} is image ${only.imageId}`;
    if (changed.length === 0) return { headline: `nothing changed: ${is} (${took})` };
    return {
      headline: `${is} (${only.built.length} of ${count(only.layers, 'layer')} built, ${took})`,
      changed,
    };
  }
  if (changed.length === 0) {
    return { headline: `nothing changed: ${count(built.length, 'image')} as they are (${took})` };
  }
  return { headline: `${changed.length} of ${count(built.length, 'image')} built (${took})`, changed };
}

const changeOf = ({ name, imageId, release, built }: Built): string =>
  `${name === undefined ? 'image' : name} ${imageId}: release ${release}, built ${built.join(', ')}`;

/** `image_id` and `release` are those of the image that the fleet runs, where there are several. */
function outputsOf(project: Project, built: Built[]): Record<string, string> {
  const main = built.find(({ name }) => name === project.config.imageName) ?? built[0]!;
  const outputs = {
    image_id: main.imageId,
    release: main.release,
    fingerprint: main.fingerprint,
    built: main.built.join(','),
    regions: JSON.stringify(main.images),
    manifest: manifestFile(project.directory),
  };
  if (main.name === undefined) return outputs;
  const images = Object.fromEntries(built.map(({ name, imageId }) => [name, imageId]));
  return { ...outputs, images: JSON.stringify(images) };
}
