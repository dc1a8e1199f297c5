import { provePolicy } from '../helpers/policies.ts';
import { ramBuilderScenarios } from '../helpers/ram-builder-scenarios.ts';

provePolicy(
  'builder',
  ramBuilderScenarios,
  [
    // The last words of a machine that failed.
    'ecs:GetInstanceConsoleOutput',
  ],
  'ram',
);
