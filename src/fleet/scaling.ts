import type { ScalingPolicy, ScalingSchedule, StepScaling, Watched } from '../clouds/cloud.ts';
import { readScaling } from '../config/scaling.ts';
import type { Project } from '../config/schema.ts';
import type { PolicyConfig, ScheduleConfig } from '../config/schema-scaling.ts';

/** Policies and schedules have no tags: within a group of bake's own, their names say whose they are. */
const PREFIX = 'bake-';

export const isOwnName = (name: string): boolean => name.startsWith(PREFIX);

export interface WantedScaling {
  policies: ScalingPolicy[];
  schedules: ScalingSchedule[];
}

/** The scaling files of the configuration for one scaling group, as the cloud is to have them. Exit code 2 for a file that is wrong. */
export function wantedScaling(project: Project, group: string): WantedScaling {
  const { policies, schedules } = readScaling(project, group);
  return {
    policies: [...policies].map(([name, config]) => policyOf(name, config, group)),
    schedules: [...schedules].map(([name, config]) => scheduleOf(name, config)),
  };
}

function policyOf(name: string, config: PolicyConfig, group: string): ScalingPolicy {
  const common = {
    name: `${PREFIX}${name}`,
    enabled: true,
    warmup: config.warmup && wholeSeconds(config.warmup),
  };
  if ('targetTracking' in config) {
    const { metric: watched, target, scaleIn } = config.targetTracking;
    return { ...common, rule: { kind: 'target-tracking', watched, target, scaleIn } };
  }
  return { ...common, rule: stepsOf(config.stepScaling, `${PREFIX}${group}-${name}`) };
}

type StepConfig = Extract<PolicyConfig, { stepScaling: unknown }>['stepScaling'];

/** Values of the metric become differences from the alarm's threshold, which is where the first step begins. */
function stepsOf(config: StepConfig, alarm: string): StepScaling {
  const { when, adjust, atLeast, period, periods, datapoints = periods, missingData } = config;
  const threshold = config.steps[0]?.from ?? 0;
  const steps = config.steps.map(({ from, by }, index) => {
    const next = config.steps[index + 1];
    const bounds = [from - threshold, next && next.from - threshold] as const;
    const [lower, upper] = when === 'above' ? bounds : [bounds[1], bounds[0]];
    return { lower, upper, by };
  });
  return {
    kind: 'step',
    adjust,
    atLeast,
    steps,
    alarms: [
      {
        name: alarm,
        watched: config.metric as Watched,
        comparison: when,
        threshold,
        period,
        periods,
        datapoints,
        missingData,
        enabled: true,
      },
    ],
  };
}

const scheduleOf = (name: string, config: ScheduleConfig): ScalingSchedule => ({
  name: `${PREFIX}${name}`,
  ...config,
});

/** The clouds count in whole seconds: what is finer would differ for ever. */
const wholeSeconds = (ms: number) => Math.round(ms / 1_000) * 1_000;
