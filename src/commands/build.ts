import { build as buildImage } from '../image/build.ts';
import { count, formatDuration } from '../run/format.ts';
import { type GlobalOptions, runCommand } from './session.ts';

interface BuildCommandOptions extends GlobalOptions {
  /** Name of the release; default: the next number. */
  release?: string;
  /** False (--no-cache) builds every layer anew. */
  cache?: boolean;
}

/** `bake build` */
export const build = (options: BuildCommandOptions): Promise<number> =>
  runCommand('build', options, async ({ run, cloud, project }) => {
    const { release, cache } = options;
    const result = await buildImage(run, cloud, project, { release, cache });
    const next = project.config.fleet ? ['bake rollout --strategy rolling'] : [];
    const took = formatDuration(run.clock.now() - run.startedAt);
    const is = `release ${result.release} is image ${result.imageId}`;
    if (result.built.length === 0) return { headline: `nothing changed: ${is} (${took})`, next };
    const layers = `${result.built.length} of ${count(result.layers, 'layer')} built`;
    return {
      headline: `${is} (${layers}, ${took})`,
      changed: [`image ${result.imageId}: release ${result.release}, built ${result.built.join(', ')}`],
      next,
    };
  });
