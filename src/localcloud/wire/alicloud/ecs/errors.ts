import { ServiceError } from '../../../engine/errors.ts';
import type { Operation } from '../../service.ts';
import { outwardText } from '../ids.ts';

/** What ECS calls the engine's errors, with its HTTP status. Source: ECS error center; the lists in packer-plugin-alicloud. */
const CODES: Record<string, [code: string, status: number]> = {
  'InvalidInstanceID.NotFound': ['InvalidInstanceId.NotFound', 404],
  'InvalidInstanceID.Malformed': ['InvalidInstanceId.NotFound', 404],
  'InvalidAMIID.NotFound': ['InvalidImageId.NotFound', 404],
  'InvalidAMIID.Malformed': ['InvalidImageId.NotFound', 404],
  'InvalidAMIID.Unavailable': ['InvalidImageId.NotFound', 404],
  'InvalidAMIName.Duplicate': ['InvalidImageName.Duplicated', 400],
  'InvalidAMIName.Malformed': ['InvalidImageName.Malformed', 400],
  'InvalidSnapshot.NotFound': ['InvalidSnapshotId.NotFound', 404],
  'InvalidSnapshotID.Malformed': ['InvalidSnapshotId.NotFound', 404],
  'InvalidSnapshot.InUse': ['SnapshotCreatedImage', 403],
  'InvalidSubnetID.NotFound': ['InvalidVSwitchId.NotFound', 404],
  'InvalidSubnetID.Malformed': ['InvalidVSwitchId.NotFound', 404],
  'InvalidVpcID.NotFound': ['InvalidVpcId.NotFound', 404],
  'InvalidGroup.NotFound': ['InvalidSecurityGroupId.NotFound', 404],
  'InvalidGroupId.Malformed': ['InvalidSecurityGroupId.NotFound', 404],
  'InvalidGroup.Duplicate': ['InvalidSecurityGroupName.Duplicate', 400],
  'InvalidKeyPair.NotFound': ['InvalidKeyPairName.NotFound', 404],
  'InvalidKeyPair.Duplicate': ['KeyPair.AlreadyExist', 400],
  'InvalidKey.Format': ['InvalidPublicKeyBody.Malformed', 400],
  'InvalidLaunchTemplateId.NotFound': ['InvalidLaunchTemplate.NotFound', 404],
  'InvalidLaunchTemplateId.Malformed': ['InvalidLaunchTemplate.NotFound', 404],
  'InvalidLaunchTemplateName.NotFoundException': ['InvalidLaunchTemplate.NotFound', 404],
  'InvalidLaunchTemplateName.AlreadyExistsException': ['LaunchTemplateName.Duplicated', 400],
  'InvalidLaunchTemplateId.VersionNotFound': ['InvalidLaunchTemplateVersion.NotFound', 404],
  IncorrectInstanceState: ['IncorrectInstanceStatus', 403],
  InsufficientInstanceCapacity: ['OperationDenied.NoStock', 403],
  InsufficientFreeAddressesInSubnet: ['InvalidVSwitchId.IpNotEnough', 400],
  InvalidParameterValue: ['InvalidParameter', 400],
  InvalidParameterCombination: ['InvalidParameter.Conflict', 400],
  InvalidBlockDeviceMapping: ['InvalidSystemDiskSize', 400],
  TagLimitExceeded: ['QuotaExceed.Tags', 400],
  OperationNotPermitted: ['InvalidOperation.DeletionProtection', 403],
  AuthFailure: ['Forbidden.RAM', 403],
};

/** What ECS calls an error of the engine's, and its HTTP status where it differs. */
export const inEcsWords = (code: string): [code: string, status?: number] => CODES[code] ?? [code];

/** The same operation, with the engine's errors in the words of ECS. */
export const inWordsOfEcs =
  (operation: Operation): Operation =>
  async (input, context) => {
    try {
      return await operation(input, context);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const [code, status = error.status] = inEcsWords(error.code);
      throw new ServiceError(code, outwardText(error.message), status);
    }
  };
