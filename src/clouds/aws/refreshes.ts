import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  type InstanceRefresh as Ec2InstanceRefresh,
  paginateDescribeInstanceRefreshes,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
} from '@aws-sdk/client-auto-scaling';
import { BakeError, messageOf } from '../../run/errors.ts';
import type { InstanceRefreshes } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { isContention } from './contention.ts';
import { AwsError, failedWith } from './errors.ts';
import { pointedAt, whileTemplateSettles } from './group-template.ts';
import { readGroup } from './groups.ts';
import { preferencesOf, toRefresh } from './refresh-view.ts';

/** States in which a refresh blocks another one. */
const ACTIVE = ['pending', 'in-progress', 'baking', 'cancelling', 'rollback-in-progress'];

/** Instance refreshes of Auto Scaling groups. */
export function refreshes(aws: Connection): InstanceRefreshes {
  const scaling = aws.client(AutoScalingClient);

  async function list(group: string) {
    const found: Ec2InstanceRefresh[] = [];
    const pages = paginateDescribeInstanceRefreshes({ client: scaling }, { AutoScalingGroupName: group });
    for await (const page of pages) found.push(...(page.InstanceRefreshes ?? []));
    return found.map(toRefresh);
  }

  /** Ends the active refresh by `call`; false when there is none that can be ended so. */
  async function end(call: () => Promise<unknown>, none: string[]): Promise<boolean> {
    try {
      await aws.again(call, isContention);
      return true;
    } catch (error) {
      if (failedWith(error, ...none)) return false;
      throw error;
    }
  }

  return {
    async start(group, { templateId, version, preferences }) {
      const template = { id: templateId, version };
      const command = new StartInstanceRefreshCommand({
        AutoScalingGroupName: group,
        Strategy: 'Rolling',
        DesiredConfiguration: pointedAt(await readGroup(aws, group), template),
        Preferences: preferencesOf(preferences),
      });
      try {
        const answer = await whileTemplateSettles(aws, template, () => scaling.send(command));
        aws.made(answer.InstanceRefreshId!);
        return answer.InstanceRefreshId!;
      } catch (error) {
        if (!failedWith(error, 'InstanceRefreshInProgress')) throw error;
        const active = (await list(group)).find(({ state }) => ACTIVE.includes(state));
        // There is no client token: the refresh that is in the way may be our own, whose answer was lost.
        const ours = error instanceof AwsError && error.attempts > 1 && active?.templateVersion === version;
        if (active && ours) return active.id;
        throw new BakeError(`the group ${group} is being refreshed already: ${messageOf(error)}`, {
          hint: 'Wait until it ends, or cancel it; "bake status" shows it.',
          details: active ? [`${active.id}: ${active.state}, ${active.percent} %`] : [],
          cause: error,
        });
      }
    },

    async find(group, refreshId) {
      const command = new DescribeInstanceRefreshesCommand({
        AutoScalingGroupName: group,
        InstanceRefreshIds: [refreshId],
      });
      const describe = async () => {
        try {
          const found = (await scaling.send(command)).InstanceRefreshes?.[0];
          return found ? [toRefresh(found)] : [];
        } catch (error) {
          if (failedWith(error, 'ValidationError', 'ActiveInstanceRefreshNotFound')) return [];
          throw error;
        }
      };
      return (await aws.findAll([refreshId], describe))[0];
    },

    list,

    rollback: (AutoScalingGroupName) =>
      end(
        () => scaling.send(new RollbackInstanceRefreshCommand({ AutoScalingGroupName })),
        ['ActiveInstanceRefreshNotFound', 'IrreversibleInstanceRefresh'],
      ),

    cancel: (AutoScalingGroupName) =>
      end(
        () => scaling.send(new CancelInstanceRefreshCommand({ AutoScalingGroupName })),
        ['ActiveInstanceRefreshNotFound'],
      ),
  };
}
