import type { BuildWork, RolloutWork } from '../cloud.ts';

/** An action of IAM, and what a rollout needs it for. */
export interface RolloutAction {
  action: string;
  purpose: string;
}

const actions = (purpose: string, ...names: string[]): RolloutAction[] =>
  names.map((action) => ({ action, purpose }));

/** What a build calls that changes something, in the order in which it comes to it. Pure. */
export function buildActions({ communicator, instanceProfile }: BuildWork): RolloutAction[] {
  return [
    ...(communicator === 'ssh'
      ? actions(
          'let nobody but bake reach the builder',
          'ec2:ImportKeyPair',
          'ec2:CreateSecurityGroup',
          'ec2:AuthorizeSecurityGroupIngress',
          'ec2:DeleteKeyPair',
          'ec2:DeleteSecurityGroup',
        )
      : []),
    ...actions('launch the builder', 'ec2:RunInstances', 'ec2:CreateTags'),
    ...(instanceProfile ? actions('hand over the instance profile', 'iam:PassRole') : []),
    ...(communicator === 'ssm' ? actions('work on the builder', 'ssm:SendCommand') : []),
    ...actions('make the image', 'ec2:StopInstances', 'ec2:CreateImage'),
    ...actions('remove the builder', 'ec2:TerminateInstances'),
  ];
}

/** What a rollout calls that changes something, in the order in which it comes to it. Pure. */
export function rolloutActions(work: RolloutWork): RolloutAction[] {
  const { strategy, newVersion, instanceProfile, messages, commands } = work;
  return [
    ...actions('lock the fleet', 'ssm:PutParameter', 'ssm:GetParameter'),
    ...(newVersion ? actions('make the launch template version', 'ec2:CreateLaunchTemplateVersion') : []),
    ...actions('launch instances by the launch template', 'ec2:RunInstances', 'ec2:CreateTags'),
    ...(instanceProfile ? actions('hand over the instance profile', 'iam:PassRole') : []),
    ...(strategy === 'rolling' ? rolling(work) : blueGreen(work)),
    ...(messages ? actions('send test messages', 'sqs:SendMessage') : []),
    ...(commands ? actions('run commands on instances', 'ssm:SendCommand') : []),
    ...actions('note the verified release', 'autoscaling:CreateOrUpdateTags'),
  ];
}

const rolling = ({ holds }: RolloutWork): RolloutAction[] => [
  ...actions('replace the instances', 'autoscaling:StartInstanceRefresh'),
  ...(holds
    ? actions('hold them for the gates', 'autoscaling:SuspendProcesses', 'autoscaling:ResumeProcesses')
    : []),
  ...actions('replace stragglers', 'autoscaling:TerminateInstanceInAutoScalingGroup'),
  ...actions('go back', 'autoscaling:RollbackInstanceRefresh', 'autoscaling:CancelInstanceRefresh'),
];

const blueGreen = ({ route, group }: RolloutWork): RolloutAction[] => [
  ...actions(
    `copy ${group} with all that belongs to it`,
    'autoscaling:CreateAutoScalingGroup',
    'autoscaling:PutLifecycleHook',
    'autoscaling:PutScalingPolicy',
    'autoscaling:PutScheduledUpdateGroupAction',
    'autoscaling:PutNotificationConfiguration',
    'autoscaling:PutWarmPool',
    'autoscaling:EnableMetricsCollection',
    'cloudwatch:PutMetricAlarm',
  ),
  ...actions('hold back scaling', 'autoscaling:SuspendProcesses', 'autoscaling:ResumeProcesses'),
  ...actions('size the colours', 'autoscaling:UpdateAutoScalingGroup'),
  ...(route === 'queue'
    ? []
    : actions('move traffic', 'autoscaling:AttachTrafficSources', 'autoscaling:DetachTrafficSources')),
  ...(route === 'weights'
    ? actions('move traffic', 'elasticloadbalancing:ModifyListener', 'elasticloadbalancing:ModifyRule')
    : []),
  ...actions(
    'retire the old colour',
    'autoscaling:DeleteTags',
    'autoscaling:DeleteAutoScalingGroup',
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    'cloudwatch:DeleteAlarms',
  ),
];
