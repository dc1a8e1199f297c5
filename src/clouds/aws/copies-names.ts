import type { CopiedGroup, Tags } from '../cloud.ts';

/** The names that a group's parts get in its copy. */
export interface Renaming {
  from: string;
  to: CopiedGroup;
}

/** In a target group's ARN, a scaling policy's resource label and a metric's dimension: "targetgroup/web/0123456789abcdef". */
const labelOf = (targetGroup: string) => targetGroup.slice(targetGroup.lastIndexOf(':') + 1);

/**
 * The same structure for the copy: whatever watches the group watches the copy, whatever watches one of its target groups the one that
 * takes its place. What watches something else (a queue, another group) goes on watching that.
 */
export function renamed<T>(value: T, renaming: Renaming): T {
  if (Array.isArray(value)) return value.map((item) => renamed(item, renaming)) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const dimension = value as { Name?: unknown; Value?: unknown };
  const { from, to } = renaming;
  if (dimension.Name === 'AutoScalingGroupName' && dimension.Value === from) {
    return { ...value, Value: to.name };
  }
  if (dimension.Name === 'TargetGroup' && typeof dimension.Value === 'string') {
    return { ...value, Value: relabelled(dimension.Value, renaming) };
  }
  const entries = Object.entries(value).map(([key, part]) => [key, renamedField(key, part, renaming)]);
  return Object.fromEntries(entries) as T;
}

function renamedField(key: string, part: unknown, renaming: Renaming): unknown {
  if (typeof part !== 'string') return renamed(part, renaming);
  if (key === 'ResourceLabel') return relabelled(part, renaming);
  if (key === 'Expression') return inExpression(part, renaming);
  return part;
}

function relabelled(text: string, { to }: Renaming): string {
  for (const [original, other] of Object.entries(to.targetGroups ?? {})) {
    const label = labelOf(original);
    if (text.endsWith(label)) return text.slice(0, -label.length) + labelOf(other);
  }
  return text;
}

/** In the search and query languages of metric math: `AutoScalingGroupName="workers"`, `WHERE AutoScalingGroupName = 'workers'`. */
const inExpression = (expression: string, { from, to }: Renaming): string =>
  expression.replace(/(AutoScalingGroupName["']?\s*=\s*)(["']?)([\w.-]+)\2/g, (whole, before, quote, name) =>
    name === from ? `${before}${quote}${to.name}${quote}` : whole,
  );

/** With it begin the names of all alarms that bake makes: it may then be allowed to make and delete these alone. */
const OWN = 'bake-';

/**
 * An alarm's name for the copy: where the original's has the group's name, the copy's stands instead; else it is added. The way back
 * gives the same name as the first time, so that names do not grow from rollout to rollout.
 */
export function alarmNameFor(alarm: string, { from, to }: Renaming): string {
  const group = new RegExp(`(?<![A-Za-z0-9])${from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![A-Za-z0-9])`);
  const name = alarm.startsWith(OWN) ? alarm.slice(OWN.length) : alarm;
  return OWN + (group.test(name) ? name.replace(group, () => to.name) : `${name}-${to.name}`);
}

/** What a scaling policy's ARN says; undefined for other actions of an alarm. */
export function policyIn(arn: string): { group: string; name: string } | undefined {
  const [, group, name] =
    /:scalingPolicy:[^:]*:autoScalingGroupName\/([^:]+):policyName\/(.+)$/.exec(arn) ?? [];
  return group === undefined || name === undefined ? undefined : { group, name };
}

/** The ARNs of target groups with their places taken. */
export const inPlace = (targetGroups: string[], { to }: Renaming): string[] => [
  ...new Set(targetGroups.map((arn) => to.targetGroups?.[arn] ?? arn)),
];

/** Whether something that names target groups by their labels names only these. */
export const namesOnly = (value: unknown, targetGroups: string[]): boolean => {
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, part]) =>
    key === 'ResourceLabel' && typeof part === 'string'
      ? targetGroups.some((arn) => part.endsWith(labelOf(arn)))
      : namesOnly(part, targetGroups),
  );
};

/** The service's own tags cannot be set; bake's say what the original is. */
export const isTheirs = (key: string): boolean => !/^(aws|bake):/.test(key);

/** The tags of a copied thing: the original's, and those that are meant for the copy. */
export const tagsFor = (original: Tags, { to }: Renaming): Tags => ({
  ...Object.fromEntries(Object.entries(original).filter(([key]) => isTheirs(key))),
  ...to.tags,
});

/** The same without these fields. */
export function without<T extends object, K extends keyof T>(value: T, ...fields: K[]): Omit<T, K> {
  const kept = Object.entries(value).filter(([field]) => !fields.includes(field as K));
  return Object.fromEntries(kept) as Omit<T, K>;
}
