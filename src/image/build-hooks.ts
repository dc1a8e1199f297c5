import type { Project } from '../config/schema.ts';
import { runHooks } from '../hooks/hooks.ts';
import { messageOf } from '../run/errors.ts';
import type { Run } from '../run/run.ts';
import type { BuildResult } from './build.ts';

/** The hooks of one run around the images that it builds. */
export interface BuildHooks {
  /** Before the first thing that is built, once; a run that finds everything as it was has nothing to announce. */
  before(): Promise<void>;
  /** After an image was built. */
  after(run: Run, project: Project, result: BuildResult): Promise<void>;
  /** After a build that had begun has failed and is undone. */
  failed(error: unknown): Promise<void>;
}

export function buildHooks(run: Run, project: Project): BuildHooks {
  let begun: Promise<void> | undefined;
  return {
    before() {
      begun ??= runHooks(run, project, 'beforeBuild', {});
      return begun;
    },
    async after(part, { config }, { built, release, imageId }) {
      if (built.length === 0) return;
      const facts = { release, image: imageId, imageName: config.imageName };
      await runHooks(part, project, 'afterBuild', facts);
    },
    async failed(error) {
      if (begun) await runHooks(run, project, 'onFailure', { reason: messageOf(error) });
    },
  };
}
