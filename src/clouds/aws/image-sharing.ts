import {
  CopyImageCommand,
  DisableImageDeregistrationProtectionCommand,
  EC2Client,
  EnableImageDeprecationCommand,
  EnableImageDeregistrationProtectionCommand,
  type LaunchPermission,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { ImageAudience, Images } from '../cloud.ts';
import type { Connection } from './connection.ts';
import { tagList } from './describe.ts';

/** AWS: EnableImageDeprecation refuses what is not in the future. Milliseconds. */
const SOONEST_DEPRECATION = 2 * 60_000;

/** What is done with finished images: copied to other regions, shared, deprecated, protected. */
export function imageSharing(
  aws: Connection,
  unknownCodes: string[],
): Pick<Images, 'copy' | 'share' | 'deprecate' | 'setProtection'> {
  const ec2 = aws.client(EC2Client);
  /** Calls on an image that EC2 may not know yet. */
  const act = <T>(imageId: string, call: () => Promise<T>): Promise<T> =>
    aws.whileUnknown(imageId, unknownCodes, call);

  return {
    async copy({ token, imageId, fromRegion, name, description, tags, encrypted, kmsKey }) {
      const command = new CopyImageCommand({
        ClientToken: token,
        SourceImageId: imageId,
        SourceRegion: fromRegion,
        Name: name,
        Description: description,
        // Not `false`: EC2 refuses an unencrypted copy of an encrypted image, and keeps its encryption when nothing is said.
        Encrypted: encrypted || undefined,
        KmsKeyId: kmsKey,
        TagSpecifications: (['image', 'snapshot'] as const).map((ResourceType) => ({
          ResourceType,
          Tags: tagList(tags),
        })),
      });
      const { ImageId } = await ec2.send(command);
      aws.made(ImageId!);
      return ImageId!;
    },

    async share(imageId, audience) {
      const Add = permissions(audience);
      if (Add.length === 0) return;
      const command = new ModifyImageAttributeCommand({ ImageId: imageId, LaunchPermission: { Add } });
      await act(imageId, () => ec2.send(command));
    },

    async deprecate(imageId, at) {
      const DeprecateAt = new Date(Math.max(at, aws.clock.now() + SOONEST_DEPRECATION));
      await act(imageId, () =>
        ec2.send(new EnableImageDeprecationCommand({ ImageId: imageId, DeprecateAt })),
      );
    },

    async setProtection(imageId, enabled) {
      await act(imageId, async () =>
        enabled
          ? void (await ec2.send(new EnableImageDeregistrationProtectionCommand({ ImageId: imageId })))
          : void (await ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId: imageId }))),
      );
    },
  };
}

/** AWS: an organisation's ARN has ":organization/", that of one of its units ":ou/". */
const permissions = ({ accounts, organizations }: ImageAudience): LaunchPermission[] => [
  ...accounts.map((UserId) => ({ UserId })),
  ...organizations.map((arn) =>
    arn.includes(':ou/') ? { OrganizationalUnitArn: arn } : { OrganizationArn: arn },
  ),
];
