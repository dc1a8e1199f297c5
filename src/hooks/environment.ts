import type { Project, ProjectConfig } from '../config/schema.ts';
import type { Run } from '../run/run.ts';

/** When a hook runs: a key of `hooks` in bake.yaml. */
export type HookMoment = keyof ProjectConfig['hooks'];

/** What a moment of a run knows; a hook finds each fact as an environment variable. */
export interface HookFacts {
  /** Name of the release that is built or brought. */
  release?: string;
  /** Image id. */
  image?: string;
  /** Which of `images`, where there are several. */
  imageName?: string;
  /** The scaling group that is to do the work. */
  group?: string;
  /** Launch template version that is brought. */
  version?: number;
  /** What ran before. */
  previousRelease?: string;
  previousVersion?: number;
  previousGroup?: string;
  strategy?: string;
  /** Why it failed. */
  reason?: string;
}

const NAMES: Record<keyof HookFacts, string> = {
  release: 'BAKE_RELEASE',
  image: 'BAKE_IMAGE',
  imageName: 'BAKE_IMAGE_NAME',
  group: 'BAKE_GROUP',
  version: 'BAKE_VERSION',
  previousRelease: 'BAKE_PREVIOUS_RELEASE',
  previousVersion: 'BAKE_PREVIOUS_VERSION',
  previousGroup: 'BAKE_PREVIOUS_GROUP',
  strategy: 'BAKE_STRATEGY',
  reason: 'BAKE_REASON',
};

/** The script itself: not an argument, which everybody on the machine could read. */
export const SCRIPT = 'BAKE_HOOK_SCRIPT';

/**
 * What a hook gets beside bake's own environment. What is not known is unset, so that nothing of an outer run is mistaken for
 * this one's. Pure.
 */
export function hookEnvironment(
  run: Pick<Run, 'id' | 'environment'>,
  project: Project,
  hook: { moment: HookMoment; script: string; facts: HookFacts },
): Record<string, string | undefined> {
  const facts = Object.entries(NAMES).map(([fact, name]) => {
    const value = hook.facts[fact as keyof HookFacts];
    return [name, value === undefined ? undefined : String(value)] as const;
  });
  return {
    ...run.environment,
    ...Object.fromEntries(facts),
    BAKE_HOOK: hook.moment,
    BAKE_RUN: run.id,
    BAKE_PROJECT: project.config.project,
    BAKE_ENVIRONMENT: project.environment,
    [SCRIPT]: hook.script,
  };
}
