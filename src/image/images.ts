import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { BakeError, messageOf, usageError } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Run, Step } from '../run/run.ts';
import { type BuildResult, type BuildSettings, build } from './build.ts';
import { type BuildHooks, buildHooks } from './build-hooks.ts';
import type { BuildOptions } from './prepare.ts';

/** The project as seen by each of its images that is wanted: by all, or by the one called `only`. */
export function imagesOf(project: Project, only?: string): Project[] {
  const { config } = project;
  const names = Object.keys(config.images);
  if (names.length === 0) {
    if (only === undefined) return [project];
    throw usageError('--only names one of several images, but bake.yaml has one', 'Leave --only out.');
  }
  const wanted = only === undefined ? names : names.filter((name) => name === only);
  if (wanted.length === 0) {
    throw usageError(`there is no image "${only}"`, `The images are ${names.join(', ')}.`);
  }
  return wanted.map((imageName) => ({
    ...project,
    config: { ...config, image: config.images[imageName]!, imageName },
  }));
}

/**
 * Builds the images of a project at the same time. One that fails does not stop the others: their work is kept, and the
 * error names all that failed.
 */
export async function buildImages(
  run: Run,
  cloud: Cloud,
  images: Project[],
  options: BuildOptions,
): Promise<BuildResult[]> {
  const hooks = buildHooks(run, images[0]!);
  try {
    return await buildAll(run, cloud, images, hooks, { ...options, beforeBuild: hooks.before });
  } catch (error) {
    await hooks.failed(error);
    throw error;
  }
}

async function buildAll(
  run: Run,
  cloud: Cloud,
  images: Project[],
  hooks: BuildHooks,
  options: BuildSettings,
): Promise<BuildResult[]> {
  const buildOne = async (part: Run, project: Project) => {
    const result = await build(part, cloud, project, { ...options, quiet: images.length > 1 });
    await hooks.after(part, project, result);
    return result;
  };
  const [first, ...others] = images;
  if (first && others.length === 0) return [await buildOne(run, first)];
  return await run.step('images', `Build ${count(images.length, 'image')}`, async (step) => {
    const board = new Board(step);
    const ends = await Promise.allSettled(
      images.map((project) => {
        const name = project.config.imageName!;
        const part = run.part({
          name,
          pass: (event) => {
            if (event.type === 'step.started') board.set(name, event.title);
            // What happens within a step is one word too many where several are told.
            return event.type !== 'step.progress';
          },
        });
        return buildOne(part, project).finally(() => board.set(name, undefined));
      }),
    );
    const failed = ends.flatMap((end, index) =>
      end.status === 'rejected' ? [{ name: images[index]!.config.imageName!, error: end.reason }] : [],
    );
    if (failed.length > 0) throw failureOf(failed, images.length);
    return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  });
}

/** What is done for each image at the moment, in one line. */
class Board {
  readonly #step: Step;
  readonly #doing = new Map<string, string>();
  #several = false;

  constructor(step: Step) {
    this.#step = step;
  }

  set(image: string, doing: string | undefined): void {
    if (doing === undefined) this.#doing.delete(image);
    else this.#doing.set(image, doing);
    this.#several ||= this.#doing.size > 1;
    const line = [...this.#doing].map(([name, title]) => `${name}: ${title}`).join(' · ');
    // Until the second begins, the first one's own step says it all.
    if (this.#several && line !== '') this.#step.progress(line);
  }
}

/** An error of one image speaks for itself; a defect is never hidden among others. */
function failureOf(failed: { name: string; error: unknown }[], all: number): unknown {
  const defect = failed.find(({ error }) => !(error instanceof BakeError));
  if (defect) return defect.error;
  const errors = failed.map(({ name, error }) => ({ name, error: error as BakeError }));
  const [first, ...others] = errors;
  const { message, hint, details, exitCode } = first!.error;
  if (others.length === 0) {
    return new BakeError(`image ${first!.name}: ${message}`, {
      hint,
      details,
      exitCode,
      cause: first!.error,
    });
  }
  return new BakeError(`${errors.length} of ${count(all, 'image')} could not be built`, {
    exitCode,
    details: errors.flatMap(({ name, error }) => [`${name}: ${messageOf(error)}`, ...error.details]),
    hint,
    cause: first!.error,
  });
}
