import type { NeededAction, Permissions, RolloutWork } from '../cloud.ts';
import { shippedPoliciesWith } from '../shipped-policies.ts';

const DEPLOYER = 'policies/ram/deployer.json';

/** What a rollout changes, in the words of RAM. */
function actionsOf(work: RolloutWork): [action: string, purpose: string][] {
  const colours: [string, string][] = [
    ['ess:CreateScalingGroup', 'makes the other colour'],
    ['ess:EnableScalingGroup', 'lets it launch instances'],
    ['ess:CreateLifecycleHook', 'gives it the hooks of the first'],
    ['ess:DeleteScalingGroup', 'removes the colour that is done with'],
  ];
  const traffic: [string, string][] = [
    ['ess:AttachVServerGroups', 'puts a colour behind the load balancer'],
    ['ess:DetachVServerGroups', 'takes a colour out'],
    ['slb:SetVServerGroupAttribute', 'moves requests by weight'],
  ];
  return [
    ...(work.newVersion
      ? ([['ecs:CreateLaunchTemplateVersion', 'writes the release as a launch template version']] as [
          string,
          string,
        ][])
      : []),
    ['oos:CreateParameter', 'locks the fleet'],
    ['oos:UpdateParameter', 'keeps and lets go of the lock'],
    ['ess:TagResources', 'remembers what was verified'],
    ['ess:ModifyScalingGroup', 'changes sizes'],
    ...(work.strategy === 'rolling'
      ? ([
          ['ess:StartInstanceRefresh', 'replaces the instances'],
          ['ess:RollbackInstanceRefresh', 'goes back'],
          ['ess:CancelInstanceRefresh', 'ends what cannot go back'],
          ['ess:SuspendInstanceRefresh', 'holds the fleet while a gate runs'],
          ['ess:ResumeInstanceRefresh', 'goes on after it'],
        ] as [string, string][])
      : colours),
    ...(work.route !== undefined && work.route !== 'queue' ? traffic : []),
    ...(work.commands
      ? ([['ecs:RunCommand', 'runs the smoke tests on instances']] as [string, string][])
      : []),
  ];
}

/** Listed, not asked: a dry run of one action says nothing of the others, and ESS has none. */
export const permissions = (): Permissions => ({
  forRollout: async (work) =>
    actionsOf(work).map(
      ([action, purpose]): NeededAction => ({
        action,
        purpose,
        policies: shippedPoliciesWith('ram', action).filter((file) => file === DEPLOYER),
      }),
    ),
});
