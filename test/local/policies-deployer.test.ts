import { deployerScenarios } from '../helpers/deployer-scenarios.ts';
import { provePolicy } from '../helpers/policies.ts';

provePolicy('deployer', deployerScenarios, [
  // A test that was broken off ends by itself.
  'ssm:CancelCommand',
  // Evidence of a rollout that failed: what cannot be had is left out.
  'ec2:GetConsoleOutput',
  'ssm:DescribeInstanceInformation',
  'ssm:GetCommandInvocation',
  'ssm:SendCommand',
]);
