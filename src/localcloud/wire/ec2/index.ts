import { ServiceError } from '../../engine/errors.ts';
import type { Operation, Service } from '../service.ts';
import { describeInstanceOperations } from './describe-instances.ts';
import { imageOperations } from './images.ts';
import { instanceAttributeOperations } from './instance-attributes.ts';
import { instanceOperations } from './instance-operations.ts';
import { instanceTypeOperations } from './instance-types.ts';
import { keyPairOperations } from './key-pairs.ts';
import { templateOperations } from './launch-templates.ts';
import { runOperations } from './run-instances.ts';
import { securityGroupOperations } from './security-groups.ts';
import { storageOperations } from './snapshots-volumes.ts';
import { tagOperations } from './tags.ts';
import { templateVersionOperations } from './template-versions.ts';
import { vpcOperations } from './vpcs.ts';
import { zoneOperations } from './zones.ts';

/** Every EC2 operation takes DryRun: it asks for nothing but permission, which whoever signed well has here. */
const dryRunnable =
  (operation: Operation): Operation =>
  (input, context) => {
    if (input.bool('DryRun')) {
      throw new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    }
    return operation(input, context);
  };

/** EC2, API version 2016-11-15. */
export function ec2Service(): Service {
  const operations = {
    ...runOperations,
    ...describeInstanceOperations,
    ...instanceOperations,
    ...instanceAttributeOperations,
    ...imageOperations,
    ...storageOperations,
    ...templateOperations,
    ...templateVersionOperations,
    ...securityGroupOperations,
    ...keyPairOperations,
    ...vpcOperations,
    ...zoneOperations,
    ...instanceTypeOperations,
    ...tagOperations,
  };
  return {
    signingName: 'ec2',
    form: {
      dialect: 'ec2',
      xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
      operations: Object.fromEntries(
        Object.entries(operations).map(([name, operation]) => [name, dryRunnable(operation)]),
      ),
    },
  };
}
