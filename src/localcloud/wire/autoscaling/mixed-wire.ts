import type { Composition, MixedRequest, Override } from '../../engine/autoscaling/mixed/policy.ts';
import type { Input } from '../input.ts';
import { readTemplate, viewTemplate } from './template-wire.ts';

/** AWS: MixedInstancesPolicy, as requests give it. */
export function readMixed(input: Input | undefined): MixedRequest | undefined {
  if (!input) return undefined;
  const template = input.object('LaunchTemplate');
  const distribution = input.object('InstancesDistribution');
  return {
    template: readTemplate(template?.object('LaunchTemplateSpecification')),
    overrides: template?.has('Overrides') ? template.objects('Overrides').map(readOverride) : undefined,
    distribution: distribution && {
      onDemandStrategy: distribution.text('OnDemandAllocationStrategy'),
      base: distribution.int('OnDemandBaseCapacity'),
      percentage: distribution.int('OnDemandPercentageAboveBaseCapacity'),
      spotStrategy: distribution.text('SpotAllocationStrategy'),
      spotPools: distribution.int('SpotInstancePools'),
      spotMaxPrice: distribution.text('SpotMaxPrice'),
    },
  };
}

const readOverride = (input: Input): NonNullable<MixedRequest['overrides']>[number] => ({
  instanceType: input.text('InstanceType'),
  weight: input.int('WeightedCapacity'),
  template: readTemplate(input.object('LaunchTemplateSpecification')),
  imageId: input.text('ImageId'),
  requirements: input.object('InstanceRequirements')?.values,
});

/** The same, as answers give it: with the defaults filled in. */
export function viewMixed({ template, mixed }: Composition) {
  if (!mixed) return undefined;
  const { overrides, distribution } = mixed;
  return {
    LaunchTemplate: {
      LaunchTemplateSpecification: viewTemplate(template),
      Overrides: overrides.map(viewOverride),
    },
    InstancesDistribution: {
      OnDemandAllocationStrategy: distribution.onDemandStrategy,
      OnDemandBaseCapacity: distribution.base,
      OnDemandPercentageAboveBaseCapacity: distribution.percentage,
      SpotAllocationStrategy: distribution.spotStrategy,
      SpotInstancePools: distribution.spotPools,
      SpotMaxPrice: distribution.spotMaxPrice,
    },
  };
}

const viewOverride = ({ instanceType, weight, template, imageId, requirements }: Override) => ({
  InstanceType: instanceType,
  WeightedCapacity: weight === undefined ? undefined : String(weight),
  LaunchTemplateSpecification: template && viewTemplate(template),
  ImageId: imageId,
  InstanceRequirements: requirements,
});
