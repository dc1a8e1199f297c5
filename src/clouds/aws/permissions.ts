import { shippedPoliciesWith } from '../shipped-policies.ts';

/** Which shipped policy files grant an IAM action, such as `ec2:RunInstances`. Throws the errors of `node:fs`. */
export const policyFilesFor = (action: string): string[] => shippedPoliciesWith('iam', action);
