import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { findInstance, type InstanceRecord, instances } from './instance-record.ts';

/** Which instance has which instance profile, since when. */
export interface ProfileAssociation {
  associationId: string;
  instanceId: string;
  /** Name or ARN, as given. */
  profile: string;
  at: number;
}

/** An instance that was launched with its profile has an association named after itself. */
const associationOf = (instance: InstanceRecord): ProfileAssociation[] => {
  const { instanceId, profile, profileAssociation, launchedAt, state } = instance;
  if (profile === undefined || state === 'terminated') return [];
  const { id = instanceId.replace('i-', 'iip-assoc-'), at = launchedAt } = profileAssociation ?? {};
  return [{ associationId: id, instanceId, profile, at }];
};

export const profileAssociations = (engine: Engine) => instances(engine).all().flatMap(associationOf);

/** Throws NoSuchAssociation. */
export function findAssociation(engine: Engine, associationId: string): ProfileAssociation {
  const found = profileAssociations(engine).find((one) => one.associationId === associationId);
  if (!found) {
    throw new ServiceError('NoSuchAssociation', `An invalid association-id of '${associationId}' was given`);
  }
  return found;
}

/** Throws IncorrectState for an instance that has one, or is gone. */
export function associateProfile(engine: Engine, instanceId: string, profile: string): ProfileAssociation {
  const instance = findInstance(engine, instanceId);
  if (instance.profile !== undefined) {
    throw new ServiceError('IncorrectState', `There is an existing association for instance ${instanceId}`);
  }
  if (instance.state !== 'running' && instance.state !== 'stopped' && instance.state !== 'pending') {
    throw new ServiceError(
      'IncorrectInstanceState',
      `The instance '${instanceId}' is not in the 'running' or 'stopped' states.`,
    );
  }
  return give(engine, instanceId, profile);
}

/** The association gets a new id, as in EC2. Throws NoSuchAssociation. */
export function replaceProfile(engine: Engine, associationId: string, profile: string): ProfileAssociation {
  return give(engine, findAssociation(engine, associationId).instanceId, profile);
}

/** Throws NoSuchAssociation. */
export function disassociateProfile(engine: Engine, associationId: string): ProfileAssociation {
  const association = findAssociation(engine, associationId);
  instances(engine).patch(association.instanceId, { profile: undefined, profileAssociation: undefined });
  return association;
}

function give(engine: Engine, instanceId: string, profile: string): ProfileAssociation {
  const profileAssociation = { id: engine.ids.resource('iip-assoc'), at: engine.clock.now() };
  const instance = instances(engine).patch(instanceId, { profile, profileAssociation });
  return associationOf(instance)[0] as ProfileAssociation;
}
