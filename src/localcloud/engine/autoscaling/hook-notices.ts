import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { queueArn, queues } from '../queues/records.ts';
import { sendMessage } from '../queues/send.ts';
import { type GroupRecord, invalid } from './groups.ts';
import type { HookRecord } from './hooks.ts';
import { isTerminating, isWarm, type MemberRecord } from './members.ts';

/** The test message that a hook with a target begins with. Throws ValidationError where there is no such queue. */
export function sendTestNotice(engine: Engine, group: GroupRecord, { targetArn, roleArn }: HookRecord): void {
  if (!isQueue(targetArn)) return;
  try {
    send(engine, targetArn, {
      AccountId: engine.account,
      RequestId: engine.ids.uuid(),
      AutoScalingGroupARN: group.arn,
      AutoScalingGroupName: group.name,
      Service: 'AWS Auto Scaling',
      Event: 'autoscaling:TEST_NOTIFICATION',
      Time: new Date(engine.clock.now()).toISOString(),
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    throw invalid(
      `Unable to publish test message to notification target ${targetArn} using IAM role ${roleArn}. Please check your target and role configuration and try to put lifecycle hook again.`,
    );
  }
}

/** Tells the hook's target that an instance waits. A queue that is gone by now is not the group's failure. */
export function sendNotice(
  engine: Engine,
  group: GroupRecord,
  hook: HookRecord,
  member: MemberRecord,
  token: string,
): void {
  if (!isQueue(hook.targetArn)) return;
  try {
    send(engine, hook.targetArn, {
      ...wayOf(member),
      LifecycleHookName: hook.name,
      AccountId: engine.account,
      RequestId: engine.ids.uuid(),
      LifecycleTransition: hook.transition,
      AutoScalingGroupName: group.name,
      Service: 'AWS Auto Scaling',
      Time: new Date(engine.clock.now()).toISOString(),
      EC2InstanceId: member.instanceId,
      NotificationMetadata: hook.metadata,
      LifecycleActionToken: token,
    });
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    engine.log(`lifecycle hook ${hook.name} of ${group.name}: ${error.message}`);
  }
}

/** From where to where the instance goes. Source: AWS "Lifecycle hooks for warm pools". */
function wayOf(member: MemberRecord): { Origin: string; Destination: string } {
  const here = isWarm(member) ? 'WarmPool' : 'AutoScalingGroup';
  return isTerminating(member)
    ? { Origin: here, Destination: member.returns ? 'WarmPool' : 'EC2' }
    : { Origin: member.fromPool ? 'WarmPool' : 'EC2', Destination: here };
}

/** Topics are kept, but the local cloud has no SNS that could deliver. */
const isQueue = (arn: string | undefined): arn is string => arn?.startsWith('arn:aws:sqs:') ?? false;

function send(engine: Engine, arn: string, body: Record<string, unknown>): void {
  const name = arn.slice(arn.lastIndexOf(':') + 1);
  if (!queues(engine).has(name) || queueArn(engine, name) !== arn) {
    throw new ServiceError('AWS.SimpleQueueService.NonExistentQueue', `There is no queue ${arn}.`);
  }
  sendMessage(engine, name, {
    body: JSON.stringify(body),
    attributes: {},
    systemAttributes: {},
    senderId: engine.account,
  });
}
