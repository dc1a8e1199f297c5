import type { Cloud, LifecycleHook } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { formatDuration } from '../run/format.ts';
import type { Change } from './change.ts';
import { fieldChanges } from './fields.ts';
import { fleetConfig } from './settings.ts';

/** Hooks have no tags: the note that stays with each says whose it is. */
const OWN = 'made by bake for ';

/** The lifecycle hooks of the configuration. */
export const wantedHooks = (project: Project): LifecycleHook[] =>
  fleetConfig(project).lifecycleHooks.map((hook) => ({
    ...hook,
    // The clouds count in whole seconds: what is finer would differ for ever.
    heartbeat: Math.round(hook.heartbeat / 1_000) * 1_000,
    note: `${OWN}${project.config.project}`,
  }));

/**
 * What the group's hooks need. A hook of a configured name is bake's from then on, whoever made it; hooks of other names that bake
 * did not make stay as they are.
 */
export function hookChanges(
  cloud: Cloud,
  group: string,
  have: LifecycleHook[],
  want: LifecycleHook[],
): {
  put: Change[];
  remove: Change[];
} {
  const put = want.flatMap((hook): Change[] => {
    const existing = have.find(({ name }) => name === hook.name);
    const lines = existing
      ? fieldChanges(existing, hook).map((line) => `lifecycle hook ${hook.name}: ${line}`)
      : [`lifecycle hook ${hook.name} added: ${hookWords(hook)}`];
    return lines.length > 0 ? [{ lines, make: () => cloud.lifecycleHooks.put(group, hook) }] : [];
  });
  const remove = have
    .filter(({ name, note }) => note?.startsWith(OWN) && !want.some((hook) => hook.name === name))
    .map(({ name }) => ({
      lines: [`lifecycle hook ${name} removed`],
      make: () => cloud.lifecycleHooks.remove(group, name),
    }));
  return { put, remove };
}

/** "holds a leaving instance for 5 m, then lets it go on". */
export const hookWords = ({ on, heartbeat, otherwise }: LifecycleHook): string =>
  `holds ${on === 'launch' ? 'a new' : 'a leaving'} instance for up to ${formatDuration(heartbeat)}, then ${otherwise === 'continue' ? 'lets it go on' : 'abandons it'}`;
