import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findInstance, type InstanceRecord, type InstanceState, instances } from './instance-record.ts';
import { transition, userReason } from './transitions.ts';

/** All or none. Throws InvalidInstanceID.NotFound, IncorrectInstanceState; those that are stopped already stay. */
export function stopInstances(engine: Engine, ids: string[]): void {
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

/** All or none. Throws InvalidInstanceID.NotFound, IncorrectInstanceState; those that run already stay. */
export function startInstances(engine: Engine, ids: string[]): void {
  for (const { instanceId, state } of inStates(engine, ids, ['stopped', 'pending', 'running'], 'started')) {
    if (state !== 'stopped') continue;
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
