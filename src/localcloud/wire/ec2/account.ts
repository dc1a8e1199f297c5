import { vpcs } from '../../engine/ec2/network.ts';
import { setSetting, setting } from '../../engine/ec2/settings.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';

const ATTRIBUTES: Record<string, (engine: Engine) => string> = {
  'supported-platforms': () => 'VPC',
  'default-vpc': (engine) => vpcs(engine).filter(({ isDefault }) => isDefault)[0]?.vpcId ?? 'none',
  'max-instances': () => '1000',
  'vpc-max-security-groups-per-interface': () => '5',
  'max-elastic-ips': () => '5',
  'vpc-max-elastic-ips': () => '5',
};

const DescribeAccountAttributes: Operation = (input, { engine }) => {
  const names = input.list('AttributeName');
  const unknown = names.find((name) => !Object.hasOwn(ATTRIBUTES, name));
  if (unknown !== undefined) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value (${unknown}) for parameter attributeName is invalid.`,
    );
  }
  return {
    accountAttributeSet: Object.entries(ATTRIBUTES)
      .filter(([name]) => names.length === 0 || names.includes(name))
      .map(([attributeName, read]) => ({
        attributeName,
        attributeValueSet: [{ attributeValue: read(engine) }],
      })),
  };
};

const encryption = (engine: Engine) => ({
  ebsEncryptionByDefault: setting(engine, 'ebsEncryption')?.enabled ?? false,
});

const encrypting =
  (enabled: boolean): Operation =>
  (_input, { engine }) => {
    setSetting(engine, 'ebsEncryption', { enabled });
    return encryption(engine);
  };

export const accountOperations: Record<string, Operation> = {
  DescribeAccountAttributes,
  GetEbsEncryptionByDefault: (_input, { engine }) => ({ ...encryption(engine), sseType: 'sse-ebs' }),
  EnableEbsEncryptionByDefault: encrypting(true),
  DisableEbsEncryptionByDefault: encrypting(false),
  GetEbsDefaultKmsKeyId: () => ({ kmsKeyId: 'alias/aws/ebs' }),
};
