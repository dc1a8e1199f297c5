import { type BuildOptions, type BuildResult, build as buildProject } from '../api/build.ts';
import type { Project } from '../config/schema.ts';
import { manifestFile } from '../image/manifest.ts';
import { writeGithubOutput } from '../report/github/outputs.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

type BuildCommandOptions = GlobalOptions &
  Pick<BuildOptions, 'release' | 'cache' | 'from' | 'resume' | 'only'>;

/** `bake build` */
export const build = (options: BuildCommandOptions): Promise<number> =>
  hostOperation('build', options, async ({ project, run }) => {
    const { release, cache, from, only, resume } = options;
    const result = await buildProject(project, { ...run, release, cache, from, only, resume });
    writeGithubOutput(outputsOf(project, result));
  });

/** `image_id` and `release` are those of the image that the fleet runs, where there are several. */
function outputsOf(project: Project, { all, ...main }: BuildResult): Record<string, string> {
  const outputs = {
    image_id: main.imageId,
    release: main.release,
    fingerprint: main.fingerprint,
    built: main.built.join(','),
    regions: JSON.stringify(main.images),
    manifest: manifestFile(project.directory),
  };
  if (main.name === undefined) return outputs;
  const images = Object.fromEntries(all.map(({ name, imageId }) => [name, imageId]));
  return { ...outputs, images: JSON.stringify(images) };
}
