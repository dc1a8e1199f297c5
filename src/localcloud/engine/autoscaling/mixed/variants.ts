import { INSTANCE_TYPES } from '../../ec2/instance-types.ts';
import type { Engine } from '../../engine.ts';
import type { TemplateReference } from '../groups.ts';
import type { MemberRecord } from '../members.ts';
import { findCurrentVersion } from '../templates.ts';
import type { Composition, Override } from './policy.ts';

/** One concrete way to launch: a template, and what stands in for parts of it. */
export interface Variant {
  template: TemplateReference;
  instanceType?: string;
  imageId?: string;
  weight?: number;
}

/** In the order in which they are tried: that of the policy's list. */
export function variantsOf({ template, mixed }: Composition): Variant[] {
  if (!mixed || mixed.overrides.length === 0) return [{ template }];
  return mixed.overrides.flatMap((override) =>
    typesOf(override).map((instanceType) => ({
      template: override.template ?? template,
      instanceType,
      imageId: override.imageId,
      weight: override.weight,
    })),
  );
}

/** Attribute-based selection: the smallest types first that have what is asked for; burstable ones only on demand, as AWS has it. */
function typesOf({ instanceType, requirements }: Override): (string | undefined)[] {
  if (!requirements) return [instanceType];
  const cpus = rangeOf(requirements.VCpuCount);
  const memory = rangeOf(requirements.MemoryMiB);
  return [...INSTANCE_TYPES.values()]
    .filter(({ architecture }) => architecture === 'x86_64')
    .filter(({ burstable }) => !burstable || (requirements.BurstablePerformance ?? 'excluded') !== 'excluded')
    .filter(({ vcpus, memoryMiB }) => cpus(vcpus) && memory(memoryMiB))
    .sort((a, b) => a.memoryMiB - b.memoryMiB || a.vcpus - b.vcpus)
    .map(({ name }) => name);
}

function rangeOf(value: unknown): (amount: number) => boolean {
  const { Min = 0, Max = Number.POSITIVE_INFINITY } = (value ?? {}) as { Min?: unknown; Max?: unknown };
  return (amount) => amount >= Number(Min) && amount <= Number(Max);
}

/** Every template that a composition launches from. */
export const templatesOf = ({ template, mixed }: Composition): TemplateReference[] => [
  template,
  ...(mixed?.overrides.flatMap((override) => override.template ?? []) ?? []),
];

/** Whether a member is what a composition launches now: same template and version, one of its instance types, its image. */
export function matcherOf(engine: Engine, composition: Composition): (member: MemberRecord) => boolean {
  const targets = variantsOf(composition).flatMap((variant) => {
    const current = findCurrentVersion(engine, variant.template);
    return current ? [{ ...variant, templateId: current.templateId, version: String(current.version) }] : [];
  });
  return ({ template, instanceType, imageId }) =>
    targets.some(
      (target) =>
        target.templateId === template?.id &&
        target.version === template.version &&
        (target.instanceType ?? instanceType) === instanceType &&
        (target.imageId ?? imageId) === imageId,
    );
}

/** A member's share of the group's capacity. */
export const weightOf = ({ weight }: MemberRecord) => weight ?? 1;

export const unitsOf = (members: readonly MemberRecord[]) =>
  members.reduce((units, member) => units + weightOf(member), 0);

/** How many instances make so many units, if they weigh as much as these do on average. */
export function instancesFor(units: number, members: MemberRecord[]): number {
  return members.length === 0 ? units : Math.ceil(units / (unitsOf(members) / members.length));
}
