/** Actions that only baking needs; everything else that bake calls belongs to rolling out. */
const BUILDER_ACTIONS = new Set([
  'ec2:RunInstances',
  'ec2:ImportKeyPair',
  'ec2:DeleteKeyPair',
  'ec2:CreateSecurityGroup',
  'ec2:DeleteSecurityGroup',
  'ec2:AuthorizeSecurityGroupIngress',
  'ec2:StartInstances',
  'ec2:StopInstances',
  'ec2:RebootInstances',
  'ec2:TerminateInstances',
  'ec2:CreateImage',
  'ec2:DeregisterImage',
  'ec2:DeleteSnapshot',
  'ec2:CreateTags',
  'ec2:CopyImage',
  'ec2:ModifyImageAttribute',
  'ec2:EnableImageDeprecation',
  'ec2:EnableImageDeregistrationProtection',
  'ec2:DisableImageDeregistrationProtection',
  'ec2:DeleteVolume',
  'ec2:DescribeVolumes',
  'ec2:DescribeKeyPairs',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSnapshots',
  'ec2:GetConsoleOutput',
  'ssm:GetParameter',
  'ssm:PutParameter',
  'ssm:SendCommand',
  'ssm:CancelCommand',
  'ssm:GetCommandInvocation',
  'ssm:DescribeInstanceInformation',
]);

/** The shipped policy file that grants an IAM action. */
export const policyFileFor = (action: string): string =>
  `policies/iam/${BUILDER_ACTIONS.has(action) ? 'builder' : 'deployer'}.json`;
