import {
  AutoScalingClient,
  DeleteAutoScalingGroupCommand,
  DeleteWarmPoolCommand,
  UpdateAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling';
import { BakeError } from '../../run/errors.ts';
import { poll } from '../../run/poll.ts';
import { TAG } from '../../run/tags.ts';
import type { Connection } from './connection.ts';
import { whileBusy } from './contention.ts';
import { alarmNames, readAlarms, readPolicies } from './copies-read.ts';
import { isUnknownGroup, readGroup } from './groups.ts';
import { scaling } from './scaling.ts';

/** How long the last of a warm pool's instances, and then the group, may take to go. */
const REMOVAL_TIMEOUT = 900_000;

/** Removes a group with what belongs to it. Its policies, schedules and hooks go with it; alarms and a warm pool do not. */
export async function removeCopy(aws: Connection, name: string, ForceDelete: boolean): Promise<void> {
  const group = await readGroup(aws, name);
  if (!group) return;
  // Before anything is changed: a group that works keeps its alarms.
  if (!ForceDelete && (group.Instances ?? []).length > 0) {
    throw new BakeError(`scaling group ${name} still has ${group.Instances!.length} instances`);
  }
  const client = aws.client(AutoScalingClient);
  const AutoScalingGroupName = name;
  if ((group.DeletionProtection ?? 'none') !== 'none') {
    const query = { AutoScalingGroupName, DeletionProtection: 'none' as const };
    await whileBusy(aws, () => client.send(new UpdateAutoScalingGroupCommand(query)));
  }
  await removeAlarms(aws, name);
  if (!ForceDelete && group.WarmPoolConfiguration) await removeWarmPool(aws, name);
  try {
    const command = new DeleteAutoScalingGroupCommand({ AutoScalingGroupName, ForceDelete });
    await whileBusy(aws, () => client.send(command));
  } catch (error) {
    if (!isUnknownGroup(error)) throw error;
  }
  await untilGone(aws, `scaling group ${name}`, async () => (await readGroup(aws, name)) === undefined);
}

/** Those that bake has made: what somebody else has made for a policy is that person's to remove. */
async function removeAlarms(aws: Connection, name: string): Promise<void> {
  const alarms = await readAlarms(aws, alarmNames(await readPolicies(aws, name)));
  const own = alarms.filter(({ tags }) => tags[TAG.project] !== undefined);
  await scaling(aws).removeAlarms(own.map(({ alarm }) => alarm.AlarmName!));
}

/** Its instances wait and do no work: they may be ended. */
async function removeWarmPool(aws: Connection, AutoScalingGroupName: string): Promise<void> {
  const pool = async () => (await readGroup(aws, AutoScalingGroupName))?.WarmPoolConfiguration;
  const command = new DeleteWarmPoolCommand({ AutoScalingGroupName, ForceDelete: true });
  try {
    await whileBusy(aws, () => aws.client(AutoScalingClient).send(command));
  } catch (error) {
    // Being deleted already: by our own earlier attempt whose answer was lost, or that was cut off.
    const left = await pool();
    if (left && left.Status !== 'PendingDelete') throw error;
  }
  await untilGone(aws, `the warm pool of ${AutoScalingGroupName}`, async () => (await pool()) === undefined);
}

async function untilGone(aws: Connection, what: string, gone: () => Promise<boolean>): Promise<void> {
  const look = async () =>
    (await gone())
      ? { done: true as const, value: undefined }
      : { done: false as const, state: 'still there' };
  await poll(look, { what: `${what} to go`, timeout: REMOVAL_TIMEOUT, clock: aws.clock });
}
