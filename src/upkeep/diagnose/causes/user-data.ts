import { mergeEvidence } from '../../evidence.ts';
import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { fewLines, onInstances } from './words.ts';

/** User data that ended with an error: the machine is up, and not what it should be. Pure. */
export function userDataError(facts: Facts): Finding[] {
  const told = facts.userData;
  const quiet = facts.machines.filter(
    ({ id, userData }) => userData === 'error' && !told.some((one) => one.id === id),
  );
  const ids = [...told, ...quiet].map(({ id }) => id);
  if (ids.length === 0) return [];
  return [
    {
      cause: 'user data error',
      weight: 'certain',
      summary: `the user data script fails ${onInstances(ids, facts)}`,
      evidence: fewLines([
        ...mergeEvidence(
          told.flatMap(({ lines }) => lines),
          told.map(({ id }) => id),
        ),
        ...quiet.map(({ id }) => `${id}: cloud-init status: error`),
      ]),
      advice: [
        'Put the script of fleet.userData right, then `bake rollout`: it is part of the launch template version.',
        'All that it printed is in /var/log/cloud-init-output.log on the instance.',
      ],
    },
  ];
}
