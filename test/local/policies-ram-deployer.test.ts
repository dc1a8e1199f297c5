import { provePolicy } from '../helpers/policies.ts';
import { ramDeployerScenarios } from '../helpers/ram-deployer-scenarios.ts';

provePolicy(
  'deployer',
  ramDeployerScenarios,
  [
    // A test that was broken off ends by itself.
    'ecs:StopInvocation',
    // Evidence of a rollout that failed: what cannot be had is left out.
    'ecs:GetInstanceConsoleOutput',
  ],
  'ram',
);
