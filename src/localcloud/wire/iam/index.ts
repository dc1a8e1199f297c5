import type { Service } from '../service.ts';
import { accessKeyOperations } from './access-keys.ts';
import { identityProviderOperations } from './identity-providers.ts';
import { inlinePolicyOperations } from './inline-policies.ts';
import { managedPolicyOperations } from './managed-policies.ts';
import { principalOperations } from './principals.ts';
import { profileOperations } from './profiles.ts';

/** AWS Identity and Access Management, version 2010-05-08: users, roles, instance profiles, their policies, and identity providers. */
export function iamService(): Service {
  return {
    signingName: 'iam',
    form: {
      dialect: 'query',
      xmlns: 'https://iam.amazonaws.com/doc/2010-05-08/',
      operations: {
        ...principalOperations,
        ...inlinePolicyOperations,
        ...managedPolicyOperations,
        ...accessKeyOperations,
        ...profileOperations,
        ...identityProviderOperations,
      },
    },
  };
}
