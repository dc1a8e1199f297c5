import { deployerScenarios } from '../helpers/deployer-scenarios.ts';
import { provePolicy } from '../helpers/policies.ts';

provePolicy('deployer', deployerScenarios, [
  // Evidence of a rollout that failed: what cannot be had is left out.
  'ec2:GetConsoleOutput',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  'ssm:SendCommand',
]);
