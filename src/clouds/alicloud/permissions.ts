import type { BuildWork, NeededAction, Permissions, RolloutWork } from '../cloud.ts';
import { shippedPoliciesWith } from '../shipped-policies.ts';

const BUILDER = 'policies/ram/builder.json';
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

/** What a build changes, in the words of RAM. */
const buildActionsOf = ({ communicator }: BuildWork): [action: string, purpose: string][] => [
  ['ecs:RunInstances', 'launches the builder'],
  ...(communicator === 'ssm'
    ? ([['ecs:RunCommand', 'works on the builder']] as [string, string][])
    : ([['ecs:ImportKeyPair', 'lets nobody but bake reach the builder']] as [string, string][])),
  ['ecs:StopInstance', 'stops it for its image'],
  ['ecs:CreateImage', 'makes the image'],
  ['ecs:DeleteInstance', 'removes the builder'],
];

/** Listed, not asked: a dry run of one action says nothing of the others, and ESS has none. */
export const permissions = (): Permissions => ({
  forBuild: async (work) => buildActionsOf(work).map((one) => listed(one, BUILDER)),
  forRollout: async (work) => actionsOf(work).map((one) => listed(one, DEPLOYER)),
});

const listed = ([action, purpose]: [string, string], policy: string): NeededAction => ({
  action,
  purpose,
  policies: shippedPoliciesWith('ram', action).filter((file) => file === policy),
});
