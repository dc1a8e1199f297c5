import type { Connection, Parameter } from './connection.ts';
import { isDuplicate, isNotFound } from './errors.ts';

type Fields = { [name: string]: Parameter };

/** A rule or a scheduled task, as ESS describes it. */
type Wire = Fields & {
  ScalingRuleId?: string;
  ScalingRuleName?: string;
  ScalingRuleAri?: string;
  ScheduledTaskId?: string;
  ScheduledTaskName?: string;
  ScheduledAction?: string;
};

/** Fields of ESS, CreateScalingRule and CreateScheduledTask, that a copy gets as they are. */
const RULE = [
  'ScalingRuleType',
  'AdjustmentType',
  'AdjustmentValue',
  'Cooldown',
  'MinAdjustmentMagnitude',
  'MetricName',
  'MetricType',
  'TargetValue',
  'DisableScaleIn',
  'EstimatedInstanceWarmup',
  'ScaleInEvaluationCount',
  'ScaleOutEvaluationCount',
  'StepAdjustments',
] as const;
const TASK = [
  'Description',
  'LaunchTime',
  'LaunchExpirationTime',
  'RecurrenceType',
  'RecurrenceValue',
  'RecurrenceEndTime',
  'TaskEnabled',
  'MinValue',
  'MaxValue',
  'DesiredCapacity',
] as const;

const picked = (from: Wire, names: readonly string[]): Fields =>
  Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));

const rulesOf = (ali: Connection, ScalingGroupId: string): Promise<Wire[]> =>
  ali.pages(
    'ess',
    'DescribeScalingRules',
    { ScalingGroupId },
    (answer: { ScalingRules?: Wire[] }) => answer.ScalingRules,
    50,
  );

/** Tasks that set sizes name their group; those that run a rule name the rule. */
async function tasksOf(ali: Connection, ScalingGroupId: string, rules: Wire[]): Promise<Wire[]> {
  const all = await ali.pages(
    'ess',
    'DescribeScheduledTasks',
    {},
    (answer: { ScheduledTasks?: Wire[] }) => answer.ScheduledTasks,
    50,
  );
  const aris = rules.map(({ ScalingRuleAri }) => ScalingRuleAri);
  return all.filter(
    (task) =>
      task.ScalingGroupId === ScalingGroupId ||
      (task.ScheduledAction !== undefined && aris.includes(task.ScheduledAction)),
  );
}

/** A task's name is its alone in a region: the copy's ends with a part of the group's id. */
const nameFor = (name: string | undefined, groupId: string) =>
  `${(name ?? 'task').replace(/-[0-9a-f]{8}$/, '')}-${groupId.slice(-8)}`;

/** There is no token for it: that the name is taken says that it was made. */
async function once(ali: Connection, action: string, query: Fields): Promise<void> {
  try {
    await ali.call('ess', action, query);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}

/** Gives a group the rules and scheduled tasks of another; what is there already stays. */
export async function copyScaling(ali: Connection, from: string, to: string): Promise<void> {
  const rules = await rulesOf(ali, from);
  const there = await rulesOf(ali, to);
  /** Of the rules, by what tasks call them by. */
  const names = new Map<string | undefined, string | undefined>();
  for (const rule of rules) {
    const { ScalingRuleName, ScalingRuleAri } = rule;
    const existing = there.find((one) => one.ScalingRuleName === ScalingRuleName);
    if (!existing)
      await once(ali, 'CreateScalingRule', { ScalingGroupId: to, ScalingRuleName, ...picked(rule, RULE) });
    names.set(ScalingRuleAri, ScalingRuleName);
  }
  const made = await rulesOf(ali, to);
  const ariOf = (name: string | undefined) =>
    made.find((one) => one.ScalingRuleName === name)?.ScalingRuleAri;
  const copied = await tasksOf(ali, to, made);
  for (const task of await tasksOf(ali, from, rules)) {
    const ScheduledTaskName = nameFor(task.ScheduledTaskName, to);
    if (copied.some((one) => one.ScheduledTaskName === ScheduledTaskName)) continue;
    await once(ali, 'CreateScheduledTask', {
      ScheduledTaskName,
      ...picked(task, TASK),
      ...(task.ScheduledAction === undefined
        ? { ScalingGroupId: to }
        : { ScheduledAction: ariOf(names.get(task.ScheduledAction)) }),
    });
  }
}

/** What the copy's rules and tasks have not, or have otherwise. */
export async function differentScaling(ali: Connection, from: string, to: string): Promise<string[]> {
  const [rules, there] = await Promise.all([rulesOf(ali, from), rulesOf(ali, to)]);
  const lost = (rule: Wire) =>
    !there.some(
      (one) =>
        one.ScalingRuleName === rule.ScalingRuleName &&
        JSON.stringify(picked(one, RULE)) === JSON.stringify(picked(rule, RULE)),
    );
  const [tasks, copied] = await Promise.all([tasksOf(ali, from, rules), tasksOf(ali, to, there)]);
  const missing = tasks.filter(
    (task) =>
      !copied.some(
        (one) =>
          one.ScheduledTaskName === nameFor(task.ScheduledTaskName, to) &&
          JSON.stringify(picked(one, TASK)) === JSON.stringify(picked(task, TASK)),
      ),
  );
  return [
    ...rules
      .filter(lost)
      .map(({ ScalingRuleName }) => `the scaling rule ${ScalingRuleName} is missing or another`),
    ...missing.map(
      ({ ScheduledTaskName }) => `the scheduled task ${ScheduledTaskName} is missing or another`,
    ),
  ];
}

/** Rules and tasks of a group that goes. */
export async function removeScaling(ali: Connection, groupId: string): Promise<void> {
  const rules = await rulesOf(ali, groupId);
  const remove = async (action: string, query: Fields) => {
    try {
      await ali.call('ess', action, query);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };
  for (const { ScheduledTaskId } of await tasksOf(ali, groupId, rules))
    await remove('DeleteScheduledTask', { ScheduledTaskId });
  for (const { ScalingRuleId } of rules) await remove('DeleteScalingRule', { ScalingRuleId });
}
