import { INSTANCE_TYPES, type InstanceType } from '../../engine/ec2/instance-types.ts';
import { zones } from '../../engine/ec2/network.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { INSTANCE_TYPE_FILTERS } from './filter-names.ts';
import { filtered } from './filters.ts';
import { page } from './paging.ts';
import { viewFields } from './view-fields.ts';
import { zoneId } from './zones.ts';

const typeFields = {
  'instance-type': (t: InstanceType) => t.name,
  'processor-info.supported-architecture': (t: InstanceType) => t.architecture,
  'vcpu-info.default-vcpus': (t: InstanceType) => t.vcpus,
  'memory-info.size-in-mib': (t: InstanceType) => t.memoryMiB,
  'burstable-performance-supported': (t: InstanceType) => t.burstable,
  'current-generation': () => true,
  'bare-metal': () => false,
  ...viewFields<InstanceType>(INSTANCE_TYPE_FILTERS, (type) => {
    const view = typeView(type);
    return { ...view, vcpuInfo: view.vCpuInfo };
  }),
};

const typeView = (type: InstanceType) => ({
  instanceType: type.name,
  currentGeneration: true,
  freeTierEligible: type.name.endsWith('.micro'),
  supportedUsageClasses: ['on-demand', 'spot'],
  supportedRootDeviceTypes: ['ebs'],
  supportedVirtualizationTypes: ['hvm'],
  bareMetal: false,
  hypervisor: 'nitro',
  processorInfo: { supportedArchitectures: [type.architecture] },
  vCpuInfo: { defaultVCpus: type.vcpus, defaultCores: Math.ceil(type.vcpus / 2) },
  hibernationSupported: false,
  dedicatedHostsSupported: false,
  autoRecoverySupported: true,
  nitroEnclavesSupport: 'unsupported',
  memoryInfo: { sizeInMiB: type.memoryMiB },
  instanceStorageSupported: false,
  ebsInfo: { ebsOptimizedSupport: 'default', encryptionSupport: 'supported', nvmeSupport: 'required' },
  networkInfo: { networkPerformance: 'Up to 5 Gigabit', enaSupport: 'required' },
  burstablePerformanceSupported: type.burstable,
  supportedBootModes: ['uefi'],
});

const DescribeInstanceTypes: Operation = (input) => {
  const names = input.list('InstanceType');
  const unknown = names.filter((name) => !INSTANCE_TYPES.has(name));
  if (unknown.length > 0) {
    throw new ServiceError(
      'InvalidInstanceType',
      `The following supplied instance types do not exist: [${unknown.join(', ')}]`,
    );
  }
  const asked = [...INSTANCE_TYPES.values()].filter(({ name }) => names.length === 0 || names.includes(name));
  const { items, nextToken } = page(input, filtered(input, asked, typeFields), (t) => t.name, 5);
  return {
    instanceTypeSet: items.map(typeView),
    nextToken,
  };
};

/** Every type is offered everywhere; what runs out is capacity. */
const DescribeInstanceTypeOfferings: Operation = (input, { engine }) => {
  const kind = input.text('LocationType') ?? 'region';
  const locations =
    kind === 'availability-zone'
      ? zones(engine)
      : kind === 'availability-zone-id'
        ? zones(engine).map((zone) => zoneId(engine, zone))
        : [engine.region];
  const all = [...INSTANCE_TYPES.keys()].flatMap((type) => locations.map((location) => ({ type, location })));
  const found = filtered(input, all, {
    'instance-type': ({ type }) => type,
    location: ({ location }) => location,
  });
  const { items, nextToken } = page(input, found, ({ type, location }) => `${type}/${location}`, 5);
  return {
    instanceTypeOfferingSet: items.map(({ type, location }) => ({
      instanceType: type,
      locationType: kind,
      location,
    })),
    nextToken,
  };
};

export const instanceTypeOperations: Record<string, Operation> = {
  DescribeInstanceTypes,
  DescribeInstanceTypeOfferings,
};
