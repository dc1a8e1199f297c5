import { count } from '../../../run/format.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';

/** Instances of another launch template version than the group in front launches, though no rollout replaces them. Pure. */
export function oldVersions({ groups, instances, releases, refreshes }: Facts): Finding[] {
  const [front] = groups;
  const version = front?.template.version;
  if (!front || typeof version !== 'number') return [];
  if (refreshes.some(({ endedAt }) => endedAt === undefined)) return [];
  const own = instances.filter(
    ({ group, lifecycle }) => group === front.name && !lifecycle.startsWith('Terminat'),
  );
  const old = own.filter((one) => one.version !== version);
  if (old.length === 0) return [];
  const wanted = releases.get(version);
  const words = (one: { version?: number; release?: string }) =>
    `version ${one.version ?? 'none'}${one.release === undefined ? '' : ` (release ${one.release})`}`;
  const held = old.filter(
    ({ protectedFromScaleIn, lifecycle }) => protectedFromScaleIn || lifecycle === 'Standby',
  );
  return [
    {
      cause: 'old versions still running',
      weight: 'certain',
      summary: `${old.length} of ${count(own.length, 'instance')} of ${front.name} ${old.length === 1 ? 'runs' : 'run'} another version than version ${version}${wanted === undefined ? '' : ` (release ${wanted})`}`,
      evidence: old.map((one) => {
        const why = one.protectedFromScaleIn
          ? ', protected from scale-in'
          : one.lifecycle === 'Standby'
            ? ', in standby'
            : '';
        return `${one.id}: ${words(one)}${why}`;
      }),
      advice: [
        '`bake rollout` replaces them.',
        ...(held.length > 0
          ? [
              'Protected ones and those in standby are replaced with rollout.scaleInProtected: refresh and rollout.standby: terminate.',
            ]
          : []),
      ],
    },
  ];
}

/** What keeps a group from caring for itself. Around a rollout that is on purpose. Pure. */
export function processesSuspended({ groups }: Facts): Finding[] {
  return groups
    .filter(({ suspendedProcesses }) => suspendedProcesses.length > 0)
    .map(({ name, suspendedProcesses }) => ({
      cause: 'processes suspended',
      weight: 'possible',
      summary: `${name} does not do all of its work: ${suspendedProcesses.join(', ')} ${suspendedProcesses.length === 1 ? 'is' : 'are'} suspended`,
      evidence: [],
      advice: [
        'Where no rollout is under way (`bake status`), `bake gc` resumes what a rollout has left so.',
      ],
    }));
}
