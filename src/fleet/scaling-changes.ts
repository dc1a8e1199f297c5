import type { Cloud, ScalingPolicy, ScalingSchedule, StepScaling, Tags } from '../clouds/cloud.ts';
import type { Change } from './change.ts';
import { fieldChanges } from './fields.ts';
import { isOwnName, type WantedScaling } from './scaling.ts';
import { policyWords, scheduleWords, stepWords } from './scaling-words.ts';

/** What policies, alarms and schedules need: bake's own are brought in line and go when nothing asks for them; others' stay. */
export function scalingChanges(
  cloud: Cloud,
  group: string,
  have: WantedScaling,
  want: WantedScaling,
  alarmTags: Tags,
): Change[] {
  const gone = <T extends { name: string }>(all: T[], wanted: T[]) =>
    all.filter(({ name }) => isOwnName(name) && !wanted.some((each) => each.name === name));
  return [
    ...want.policies.flatMap((policy) => {
      const existing = have.policies.find(({ name }) => name === policy.name);
      return policyChange(cloud, group, existing, policy, alarmTags);
    }),
    ...want.schedules.flatMap((schedule) => {
      const existing = have.schedules.find(({ name }) => name === schedule.name);
      return scheduleChange(cloud, group, existing, schedule);
    }),
    ...gone(have.policies, want.policies).map((policy) => ({
      lines: [`policy ${policy.name} removed`],
      async make() {
        await cloud.scaling.removeAlarms(ownAlarms(policy));
        await cloud.scaling.removePolicy(group, policy.name);
      },
    })),
    ...gone(have.schedules, want.schedules).map(({ name }) => ({
      lines: [`schedule ${name} removed`],
      make: () => cloud.scaling.removeSchedule(group, name),
    })),
  ];
}

function policyChange(
  cloud: Cloud,
  group: string,
  have: ScalingPolicy | undefined,
  want: ScalingPolicy,
  alarmTags: Tags,
): Change[] {
  const put = () => cloud.scaling.putPolicy(group, want, alarmTags);
  if (!have) return [{ lines: [`policy ${want.name} added: ${policyWords(want)}`], make: put }];
  const spare = ownAlarms(have).filter((name) => !ownAlarms(want).includes(name));
  if (have.rule.kind !== want.rule.kind) {
    const make = async () => {
      // A policy keeps its kind for life.
      await cloud.scaling.removeAlarms(spare);
      await cloud.scaling.removePolicy(group, want.name);
      await put();
    };
    return [{ lines: [`policy ${want.name} made anew: ${policyWords(want)}`], make }];
  }
  const lines = [
    ...policyLines(have, want).map((line) => `policy ${want.name}: ${line}`),
    ...spare.map((name) => `alarm ${name} removed`),
  ];
  const make = async () => {
    await cloud.scaling.removeAlarms(spare);
    await put();
  };
  return lines.length > 0 ? [{ lines, make }] : [];
}

/** What differs, a line per field. What else calls a policy than the alarm that the configuration knows is others', or goes. */
function policyLines(have: ScalingPolicy, want: ScalingPolicy): string[] {
  if (have.rule.kind !== 'step' || want.rule.kind !== 'step') return fieldChanges(flat(have), flat(want));
  const [alarm] = want.rule.alarms;
  const existing = have.rule.alarms.find(({ name }) => name === alarm?.name);
  const compared = ({ rule: { alarms: _, ...rule }, ...policy }: StepPolicy, own = alarm) => ({
    ...policy,
    ...rule,
    steps: stepWords({ ...rule, alarms: [] }, own),
    alarm: existing && own,
  });
  return [
    ...fieldChanges(compared(have as StepPolicy, existing), compared(want as StepPolicy)),
    ...(existing ? [] : [`alarm ${alarm?.name} is missing`]),
  ];
}

type StepPolicy = ScalingPolicy & { rule: StepScaling };

const flat = ({ rule, ...policy }: ScalingPolicy) => ({ ...policy, ...rule });

const ownAlarms = ({ rule }: ScalingPolicy): string[] =>
  rule.kind === 'step' ? rule.alarms.map(({ name }) => name).filter(isOwnName) : [];

function scheduleChange(
  cloud: Cloud,
  group: string,
  have: ScalingSchedule | undefined,
  want: ScalingSchedule,
): Change[] {
  const put = () => cloud.scaling.putSchedule(group, want);
  if (!have) return [{ lines: [`schedule ${want.name} added: ${scheduleWords(want)}`], make: put }];
  const lines = fieldChanges(have, want).map((line) => `schedule ${want.name}: ${line}`);
  // What a replacement does not name might stay: sizes that are no longer wanted go with the old one.
  const make = async () => {
    await cloud.scaling.removeSchedule(group, want.name);
    await put();
  };
  return lines.length > 0 ? [{ lines, make }] : [];
}
