import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { takeCapacity } from './capacity.ts';
import { findInstance, type InstanceRecord, type InstanceState, instances } from './instance-record.ts';
import { spotRequestOf } from './spot-requests.ts';
import { transition, userReason } from './transitions.ts';

/**
 * All or none. Throws InvalidInstanceID.NotFound, IncorrectInstanceState, UnsupportedOperation for a spot instance of a one-time
 * request; those that are stopped already stay.
 */
export function stopInstances(engine: Engine, ids: string[]): void {
  for (const id of ids) refuseOneTime(engine, id);
  for (const { instanceId, state } of inStates(
    engine,
    ids,
    ['pending', 'running', 'stopping', 'stopped'],
    'stopped',
  )) {
    if (state === 'stopped' || state === 'stopping') continue;
    transition(engine, instanceId, 'stopping', userReason(engine));
  }
}

function refuseOneTime(engine: Engine, id: string): void {
  if (spotRequestOf(engine, findInstance(engine, id))?.options.type !== 'one-time') return;
  throw new ServiceError(
    'UnsupportedOperation',
    `You can't stop the Spot Instance '${id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.`,
  );
}

/**
 * Throws InvalidInstanceID.NotFound, IncorrectInstanceState (then none is started), InsufficientInstanceCapacity; those that run
 * already stay.
 */
export function startInstances(engine: Engine, ids: string[]): void {
  for (const { instanceId, state, instanceType, zone } of inStates(
    engine,
    ids,
    ['stopped', 'pending', 'running'],
    'started',
  )) {
    if (state !== 'stopped') continue;
    takeCapacity(engine, instanceType, zone, 1);
    transition(engine, instanceId, 'pending', undefined, {
      launchedAt: engine.clock.now(),
      stateReason: undefined,
      transitionReason: '',
    });
  }
}

/** All or none; the state stays `running`. Throws InvalidInstanceID.NotFound, IncorrectInstanceState. */
export function rebootInstances(engine: Engine, ids: string[]): void {
  for (const { instanceId, restart } of inStates(engine, ids, ['running'], 'rebooted')) {
    if (!restart) instances(engine).patch(instanceId, { restart: 'reboot' });
  }
}

function inStates(engine: Engine, ids: string[], states: InstanceState[], what: string): InstanceRecord[] {
  const found = ids.map((id) => findInstance(engine, id));
  for (const { instanceId, state } of found) {
    if (!states.includes(state)) {
      throw new ServiceError(
        'IncorrectInstanceState',
        `The instance '${instanceId}' is not in a state from which it can be ${what} (${state}).`,
      );
    }
  }
  return found;
}
