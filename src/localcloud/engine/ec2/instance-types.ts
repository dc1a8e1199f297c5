import { ServiceError } from '../errors.ts';

export interface InstanceType {
  name: string;
  vcpus: number;
  memoryMiB: number;
  architecture: 'x86_64' | 'arm64';
  burstable: boolean;
}

/** GiB of memory by family and vCPU; burstable families have their own sizes below. Source: EC2 instance types guide. */
const FAMILIES: Record<string, { perVcpu: number; architecture: InstanceType['architecture'] }> = {
  c5: { perVcpu: 2, architecture: 'x86_64' },
  c6i: { perVcpu: 2, architecture: 'x86_64' },
  c6g: { perVcpu: 2, architecture: 'arm64' },
  c7i: { perVcpu: 2, architecture: 'x86_64' },
  c7g: { perVcpu: 2, architecture: 'arm64' },
  m5: { perVcpu: 4, architecture: 'x86_64' },
  m6i: { perVcpu: 4, architecture: 'x86_64' },
  m6g: { perVcpu: 4, architecture: 'arm64' },
  m7i: { perVcpu: 4, architecture: 'x86_64' },
  m7g: { perVcpu: 4, architecture: 'arm64' },
  r5: { perVcpu: 8, architecture: 'x86_64' },
  r6i: { perVcpu: 8, architecture: 'x86_64' },
  r6g: { perVcpu: 8, architecture: 'arm64' },
};
const SIZES: Record<string, number> = { large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32 };
const SMALL_SIZES: Record<string, { vcpus: number; memoryMiB: number }> = {
  nano: { vcpus: 2, memoryMiB: 512 },
  micro: { vcpus: 2, memoryMiB: 1024 },
  small: { vcpus: 2, memoryMiB: 2048 },
  medium: { vcpus: 2, memoryMiB: 4096 },
  large: { vcpus: 2, memoryMiB: 8192 },
  xlarge: { vcpus: 4, memoryMiB: 16_384 },
  '2xlarge': { vcpus: 8, memoryMiB: 32_768 },
};
const BURSTABLE = { t3: 'x86_64', t3a: 'x86_64', t4g: 'arm64' } as const;

export const INSTANCE_TYPES: ReadonlyMap<string, InstanceType> = new Map(
  [
    { name: 'm1.small', vcpus: 1, memoryMiB: 1740, architecture: 'x86_64' as const, burstable: false },
    { name: 't2.micro', vcpus: 1, memoryMiB: 1024, architecture: 'x86_64' as const, burstable: true },
    { name: 't2.small', vcpus: 1, memoryMiB: 2048, architecture: 'x86_64' as const, burstable: true },
    { name: 't2.medium', vcpus: 2, memoryMiB: 4096, architecture: 'x86_64' as const, burstable: true },
    ...Object.entries(BURSTABLE).flatMap(([family, architecture]) =>
      Object.entries(SMALL_SIZES).map(([size, resources]) => ({
        name: `${family}.${size}`,
        ...resources,
        architecture,
        burstable: true,
      })),
    ),
    ...Object.entries(FAMILIES).flatMap(([family, { perVcpu, architecture }]) =>
      Object.entries(SIZES).map(([size, vcpus]) => ({
        name: `${family}.${size}`,
        vcpus,
        memoryMiB: vcpus * perVcpu * 1024,
        architecture,
        burstable: false,
      })),
    ),
  ].map((type) => [type.name, type]),
);

/** ECS has some hundred types, which the engine need not know more of than how they are written. */
const OF_ECS = /^ecs\.[a-z][\w-]*\.\w+$/;

/** Throws InvalidParameterValue, as RunInstances does. */
export function checkInstanceType(name: string): void {
  if (!INSTANCE_TYPES.has(name) && !OF_ECS.test(name)) {
    throw new ServiceError('InvalidParameterValue', `Invalid value '${name}' for InstanceType.`);
  }
}
