import { type ActivityRecord, activities } from '../../engine/autoscaling/activities.ts';
import { invalid, requireGroup } from '../../engine/autoscaling/groups.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { viewActivity } from './activity-view.ts';
import { pageOf } from './paging.ts';

/** Newest first, of the last six weeks. */
export const DescribeScalingActivities: Operation = (input, { engine }) => {
  const group = input.text('AutoScalingGroupName');
  const ids = input.list('ActivityIds');
  const includeDeleted = input.bool('IncludeDeletedGroups') ?? false;
  if (group !== undefined && !includeDeleted) requireGroup(engine, group);
  const found = activities(engine)
    .filter((activity) => group === undefined || activity.group === group)
    .filter((activity) => ids.length === 0 || ids.includes(activity.id))
    .filter((activity) => includeDeleted || !activity.groupDeleted)
    .filter((activity) => engine.clock.now() - activity.startedAt <= SIX_WEEKS_MS)
    .filter((activity) => passesFilters(input, activity))
    .reverse();
  const { items, next } = pageOf(input, found, 100, 100);
  return { Activities: items.map(viewActivity), NextToken: next };
};

const SIX_WEEKS_MS = 42 * 24 * 3_600_000;

function passesFilters(input: Input, { status, startedAt }: ActivityRecord): boolean {
  return input.objects('Filters').every((filter) => {
    const name = filter.require('Name');
    const values = filter.list('Values');
    const bound = Date.parse(values[0] ?? '');
    if (name === 'Status') return values.includes(status);
    if (name === 'StartTimeLowerBound') return startedAt >= bound;
    if (name === 'StartTimeUpperBound') return startedAt <= bound;
    throw invalid(`Filter type ${name} is not correct.`);
  });
}
