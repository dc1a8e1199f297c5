import type { Engine } from '../../engine.ts';
import { ServiceError } from '../../errors.ts';
import { type GroupRecord, groups, invalid, requireLiveGroup } from '../groups.ts';
import { isActive, membersOf, poolOf } from '../members.ts';
import { type Composition, checkMixed, type MixedRequest } from '../mixed/policy.ts';
import { templatesOf } from '../mixed/variants.ts';
import { checkTemplate, hasImageParameter, isMoving, type TemplateRequest } from '../templates.ts';
import { alarmState } from './alarms.ts';
import { succeed } from './end.ts';
import { checkPreferences, type PreferencesRequest } from './preferences.ts';
import { activeRefresh, type RefreshPreferences, type RefreshRecord, refreshes, update } from './record.ts';
import { judge } from './view.ts';

export interface RefreshRequest {
  strategy?: string;
  /** Undefined: the group's own configuration. */
  desired?: { template?: TemplateRequest; mixed?: MixedRequest };
  preferences: PreferencesRequest;
}

/**
 * StartInstanceRefresh. Returns its id; the refresh is Pending, or Successful at once where skip matching finds that nothing
 * differs. Throws ValidationError, ResourceInUse, InstanceRefreshInProgress, in the order in which the service checks.
 */
export function startRefresh(engine: Engine, name: string, request: RefreshRequest): string {
  const group = requireLiveGroup(engine, name);
  if (activeRefresh(engine, name)) {
    throw new ServiceError(
      'InstanceRefreshInProgress',
      'An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.',
    );
  }
  const preferences = checkPreferences(request.preferences, group);
  checkReversible(engine, group, preferences, request);
  checkAlarms(engine, preferences.alarms);
  checkStrategy(group, request);
  const refresh = newRefresh(engine, group, preferences, checkDesired(engine, request));
  groups(engine).patch(name, { backoff: undefined });
  const fate = judge(engine, refresh);
  const all = [...membersOf(engine, name).filter(isActive), ...poolOf(engine, name)];
  const allMatch = all.every((member) => fate(member) === 'keep');
  if (preferences.skipMatching && allMatch)
    succeed(engine, update(engine, refresh, { percent: 100, toUpdate: 0 }));
  return refresh.id;
}

function checkReversible(
  engine: Engine,
  group: GroupRecord,
  { autoRollback, skipMatching }: RefreshPreferences,
  { desired }: RefreshRequest,
): void {
  if (autoRollback && !desired) {
    throw invalid(
      "The request isn't valid. The AutoRollback parameter cannot be set to true when the DesiredConfiguration parameter is empty. Set AutoRollback to false or specify a desired configuration and try again.",
    );
  }
  const saved = templatesOf(group);
  const moving = saved.find(isMoving);
  if (autoRollback && moving) {
    throw invalid(
      `The AutoRollback parameter cannot be set to true when the Auto Scaling group uses version ${moving.version} of its launch template.`,
    );
  }
  const byAttributes = group.mixed?.overrides.some(({ requirements }) => requirements !== undefined);
  if ((desired || skipMatching) && byAttributes) {
    throw invalid(
      'An instance refresh with a desired configuration or skip matching cannot start while the Auto Scaling group selects instance types by attributes.',
    );
  }
  if ((desired || skipMatching) && saved.some((template) => hasImageParameter(engine, template))) {
    throw invalid(
      'An instance refresh with a desired configuration or skip matching cannot start while the launch template of the Auto Scaling group uses an AWS Systems Manager parameter instead of an AMI ID.',
    );
  }
}

/** Neither ALARM nor INSUFFICIENT_DATA lets a refresh start. */
function checkAlarms(engine: Engine, names: string[]): void {
  for (const name of names) {
    const state = alarmState(engine, name);
    if (state === undefined) throw invalid(`The CloudWatch alarm ${name} does not exist.`);
    if (state !== 'OK')
      throw invalid(`The CloudWatch alarm ${name} is in the ${state} state. It must be in the OK state.`);
  }
}

function checkStrategy(group: GroupRecord, { strategy = 'Rolling', desired }: RefreshRequest): void {
  if (desired && !desired.template === !desired.mixed) {
    throw invalid('DesiredConfiguration must contain either LaunchTemplate or MixedInstancesPolicy.');
  }
  if (strategy === 'ReplaceRootVolume') checkReplaceRootVolume(group, desired?.mixed);
  else if (strategy !== 'Rolling') throw invalid(`Unknown strategy ${strategy}.`);
}

/** What the user guide asks of this strategy, in its order; the local cloud has instances, not root volumes, to replace. */
function checkReplaceRootVolume(group: GroupRecord, mixed: MixedRequest | undefined): void {
  if (!mixed) {
    throw invalid(
      'The strategy ReplaceRootVolume needs a desired configuration with a mixed instances policy.',
    );
  }
  const { overrides = [] } = mixed;
  if (overrides.length === 0 || overrides.some(({ imageId }) => imageId === undefined)) {
    throw invalid('With the strategy ReplaceRootVolume every override must have an ImageId.');
  }
  if (group.trafficSources.length > 0) {
    throw invalid('The strategy ReplaceRootVolume cannot be used with Elastic Load Balancing.');
  }
  throw invalid('The local cloud does not replace root volumes: use the strategy Rolling.');
}

function checkDesired(engine: Engine, { desired }: RefreshRequest): Composition | undefined {
  if (desired?.mixed) return checkMixed(engine, desired.mixed);
  return desired && { template: checkTemplate(engine, desired.template ?? {}) };
}

function newRefresh(
  engine: Engine,
  group: GroupRecord,
  preferences: RefreshPreferences,
  desired: Composition | undefined,
): RefreshRecord {
  const now = engine.clock.now();
  const id = engine.ids.uuid();
  return refreshes(engine).put(id, {
    id,
    group: group.name,
    status: 'Pending',
    startedAt: now,
    desired: desired?.template,
    desiredMixed: desired?.mixed,
    preferences,
    percent: 0,
    toUpdate: membersOf(engine, group.name).filter(isActive).length,
    surge: 0,
    checkpoint: 0,
    progressAt: now,
    best: { done: 0, left: Number.MAX_SAFE_INTEGER },
    actedAt: 0,
  });
}
