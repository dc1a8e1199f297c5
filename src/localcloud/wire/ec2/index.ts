import { ServiceError } from '../../engine/errors.ts';
import type { Operation, RequestContext, Service } from '../service.ts';
import { accountOperations } from './account.ts';
import { describeInstanceOperations } from './describe-instances.ts';
import { fleetOperations } from './fleets.ts';
import { imageAttributeOperations } from './image-attributes.ts';
import { imageOperations } from './images.ts';
import { instanceAttributeOperations } from './instance-attributes.ts';
import { instanceExtraOperations } from './instance-extras.ts';
import { instanceOperations } from './instance-operations.ts';
import { instanceTypeOperations } from './instance-types.ts';
import { keyPairOperations } from './key-pairs.ts';
import { templateOperations } from './launch-templates.ts';
import { networkViewOperations } from './network-views.ts';
import { profileOperations } from './profiles.ts';
import { replaceRootOperations } from './replace-root.ts';
import { runOperations } from './run-instances.ts';
import { securityGroupRuleOperations } from './security-group-rules.ts';
import { securityGroupOperations } from './security-groups.ts';
import { snapshotOperations } from './snapshots.ts';
import { spotOperations } from './spot.ts';
import { tagOperations } from './tags.ts';
import { templateVersionOperations } from './template-versions.ts';
import { volumeStatusOperations } from './volume-status.ts';
import { volumeOperations } from './volumes.ts';
import { vpcChangeOperations } from './vpc-changes.ts';
import { vpcOperations } from './vpcs.ts';
import { regionOperations, zoneOperations } from './zones.ts';

/** What lives in regions. Everything else there is once: in the cloud's own region. */
const IN_REGIONS: Record<string, Operation> = {
  ...imageOperations,
  ...imageAttributeOperations,
  ...snapshotOperations,
  ...tagOperations,
  ...regionOperations,
};

const IN_OWN_REGION: Record<string, Operation> = {
  ...runOperations,
  ...describeInstanceOperations,
  ...instanceOperations,
  ...instanceAttributeOperations,
  ...volumeOperations,
  ...volumeStatusOperations,
  ...templateOperations,
  ...templateVersionOperations,
  ...securityGroupOperations,
  ...securityGroupRuleOperations,
  ...keyPairOperations,
  ...vpcOperations,
  ...vpcChangeOperations,
  ...networkViewOperations,
  ...profileOperations,
  ...instanceExtraOperations,
  ...replaceRootOperations,
  ...accountOperations,
  ...zoneOperations,
  ...instanceTypeOperations,
  ...spotOperations,
  ...fleetOperations,
};

/** Says so, rather than to let a client in another region see, or change, what is not there. */
const ownRegionOnly =
  (operation: Operation): Operation =>
  (input, context) => {
    refuseOtherRegion(context);
    return operation(input, context);
  };

function refuseOtherRegion({ engine, region }: RequestContext): void {
  if (region === engine.region) return;
  throw new ServiceError(
    'UnsupportedOperation',
    `The local cloud runs in ${engine.region}; in ${region} it has copies of images and snapshots only.`,
  );
}

/** Every EC2 operation takes DryRun: it asks for nothing but permission, which whoever signed well has here. */
const dryRunnable =
  (operation: Operation): Operation =>
  (input, context) => {
    if (input.bool('DryRun')) {
      throw new ServiceError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
    }
    return operation(input, context);
  };

const each = (operations: Record<string, Operation>, wrap: (operation: Operation) => Operation) =>
  Object.fromEntries(Object.entries(operations).map(([name, operation]) => [name, wrap(operation)]));

/** EC2, API version 2016-11-15. */
export function ec2Service(): Service {
  return {
    signingName: 'ec2',
    form: {
      dialect: 'ec2',
      xmlns: 'http://ec2.amazonaws.com/doc/2016-11-15/',
      operations: each({ ...IN_REGIONS, ...each(IN_OWN_REGION, ownRegionOnly) }, dryRunnable),
    },
  };
}
