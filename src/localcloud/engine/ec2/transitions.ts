import type { Engine } from '../engine.ts';
import { giveCapacity } from './capacity.ts';
import { type InstanceRecord, type InstanceState, instances } from './instance-record.ts';

export interface TransitionReason {
  code: string;
  /** For people, without the code. */
  message: string;
  /** As `StateTransitionReason` has it. */
  transition: string;
}

/** The one way into another state: forgets what the state before was waiting for. */
export function transition(
  engine: Engine,
  instanceId: string,
  state: InstanceState,
  reason?: TransitionReason,
  fields: Partial<InstanceRecord> = {},
): InstanceRecord {
  const before = instances(engine).get(instanceId);
  if (before && holdsCapacity(before.state) && !holdsCapacity(state)) {
    giveCapacity(engine, before.instanceType, before.zone);
  }
  return instances(engine).patch(instanceId, {
    state,
    dueAt: undefined,
    restart: undefined,
    ...(reason && {
      stateReason: { code: reason.code, message: `${reason.code}: ${reason.message}` },
      transitionReason: reason.transition,
    }),
    ...fields,
  });
}

const holdsCapacity = (state: InstanceState) =>
  state === 'pending' || state === 'running' || state === 'stopping';

/** Somebody asked for it through the API. */
export function userReason(engine: Engine, who = 'User initiated'): TransitionReason {
  const time = new Date(engine.clock.now()).toISOString().slice(0, 19).replace('T', ' ');
  return {
    code: 'Client.UserInitiatedShutdown',
    message: 'User initiated shutdown',
    transition: `${who} (${time} GMT)`,
  };
}

/** `shutdown` was called inside the instance, or its init died. */
export const ownReason: TransitionReason = {
  code: 'Client.InstanceInitiatedShutdown',
  message: 'Instance initiated shutdown',
  transition: '',
};

export const internalReason = (message: string): TransitionReason => ({
  code: 'Server.InternalError',
  message,
  transition: 'Server.InternalError',
});
