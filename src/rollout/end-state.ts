import type { GroupInstance, ScalingGroup } from '../clouds/cloud.ts';
import type { RolloutConfig } from '../config/schema.ts';
import { isActive } from '../fleet/roster.ts';
import { count } from '../run/format.ts';

export interface EndState {
  /** Every instance in service runs the intended version, and there are as many as wanted. */
  reached: boolean;
  /** In service with another version, though the rollout is over. */
  stragglers: GroupInstance[];
  /** Left with another version because the configuration says so (protected or in standby). */
  left: GroupInstance[];
  /** What was seen, for progress and deadlines. */
  words: string;
}

/** Judges a group against the version it should run. An instance's version is what it was launched with, not what a tag says. Pure. */
export function endStateOf(
  group: ScalingGroup,
  version: number,
  policy: Pick<RolloutConfig, 'scaleInProtected' | 'standby'>,
): EndState {
  const others = group.instances.filter((instance) => instance.templateVersion !== version);
  const meantToStay = (instance: GroupInstance) =>
    (instance.protectedFromScaleIn && policy.scaleInProtected === 'ignore') ||
    (instance.lifecycle === 'Standby' && policy.standby !== 'terminate');
  const left = others.filter(meantToStay);
  const stragglers = others.filter((instance) => isActive(instance) && !left.includes(instance));
  const active = group.instances.filter(isActive);
  const ready = active.filter((instance) => instance.lifecycle === 'InService' && instance.healthy).length;
  const right = active.filter((instance) => instance.templateVersion === version).length;
  return {
    reached: stragglers.length === 0 && ready === group.desired && active.length === group.desired,
    stragglers,
    left,
    words: `${ready} of ${count(group.desired, 'instance')} in service, ${right} of launch template version ${version}`,
  };
}
