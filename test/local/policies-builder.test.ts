import { builderScenarios } from '../helpers/builder-scenarios.ts';
import { provePolicy } from '../helpers/policies.ts';

provePolicy('builder', builderScenarios, [
  // The last words of a machine that failed.
  'ec2:GetConsoleOutput',
  // It is the machine that reads, by a URL, and S3 tells it no more than 403.
  's3:GetObject',
]);
