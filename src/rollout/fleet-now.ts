import { messageOf } from '../run/errors.ts';
import { count } from '../run/format.ts';
import type { Rollout } from './context.ts';
import { endStateOf } from './end-state.ts';

/** What a fleet that is neither here nor there runs now, and what it would launch next: "now: 2 instances of release 1, …". */
export async function fleetNow({
  roster,
  before,
  config,
}: Pick<Rollout, 'roster' | 'before' | 'config'>): Promise<string> {
  try {
    const group = await roster.look();
    const releases = new Map<string, number>();
    for (const { templateVersion } of group.instances) {
      const release = await roster.releaseOf(templateVersion);
      const name =
        release === undefined
          ? `launch template version ${templateVersion ?? 'none'}`
          : `release ${release} (version ${templateVersion})`;
      releases.set(name, (releases.get(name) ?? 0) + 1);
    }
    const running = [...releases].map(([name, n]) => `${count(n, 'instance')} of ${name}`).join(', ');
    const { words } = endStateOf(group, before.previous.version, config);
    return `now: ${running || 'no instance'} (${words}); a new instance would get version ${group.template.version}`;
  } catch (error) {
    return `what runs now cannot be told: ${messageOf(error)}`;
  }
}
