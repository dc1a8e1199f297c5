import { usageError } from '../../run/errors.ts';
import type { Alarms, Logs, Networks, Queues } from '../cloud.ts';
import { absent } from './absent.ts';

/** Instance refreshes of ESS know no alarms, and bake asks no monitoring there. */
export const alarms = (): Alarms => ({
  async states(names) {
    if (names.length === 0) return [];
    throw usageError(
      'alarms (rollout.alarms) are watched on AWS only',
      'Leave them out; smoke tests by request and by command do the same at the checkpoints.',
    );
  },
});

/** Smoke tests by message and by log need services that bake does not speak to there. */
export const queues = (): Queues =>
  absent(
    'smoke tests by message (smoke.sqs) are for AWS: on Alibaba Cloud bake speaks to no queue',
    'Use smoke.http or smoke.commands.',
  );

export const logs = (): Logs =>
  absent(
    'smoke tests by log (smoke.logs) are for AWS: on Alibaba Cloud bake speaks to no log service',
    'Use smoke.commands, for example with `journalctl`.',
  );

/** Rules of security groups are not looked at; whether an endpoint can be reached is tried on the machine itself. */
export const networks = (): Networks => ({
  securityGroups: async () => [],
  serviceEndpoints: async () => [],
});
