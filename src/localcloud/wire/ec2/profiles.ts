import {
  associateProfile,
  disassociateProfile,
  findAssociation,
  type ProfileAssociation,
  profileAssociations,
  replaceProfile,
} from '../../engine/ec2/profiles.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { filtered } from './filters.ts';
import { profileView } from './instance-view.ts';
import { page } from './paging.ts';

const view = (engine: Engine, association: ProfileAssociation, state = 'associated') => ({
  associationId: association.associationId,
  instanceId: association.instanceId,
  iamInstanceProfile: profileView(engine, association.instanceId, association.profile),
  state,
  timestamp: new Date(association.at),
});

/** Profiles are names: none has to exist. */
function readProfile(input: Input): string {
  const profile = input.object('IamInstanceProfile');
  const name = profile?.text('Arn') ?? profile?.text('Name');
  if (name === undefined) {
    throw new ServiceError('MissingParameter', 'The request must contain the parameter IamInstanceProfile');
  }
  return name;
}

const AssociateIamInstanceProfile: Operation = (input, { engine }) => {
  const made = associateProfile(engine, input.require('InstanceId'), readProfile(input));
  return { iamInstanceProfileAssociation: view(engine, made, 'associating') };
};

const ReplaceIamInstanceProfileAssociation: Operation = (input, { engine }) => {
  const made = replaceProfile(engine, input.require('AssociationId'), readProfile(input));
  return { iamInstanceProfileAssociation: view(engine, made, 'associating') };
};

const DisassociateIamInstanceProfile: Operation = (input, { engine }) => {
  const gone = disassociateProfile(engine, input.require('AssociationId'));
  return { iamInstanceProfileAssociation: view(engine, gone, 'disassociating') };
};

const DescribeIamInstanceProfileAssociations: Operation = (input, { engine }) => {
  const ids = input.list('AssociationId');
  const known = ids.length > 0 ? ids.map((id) => findAssociation(engine, id)) : profileAssociations(engine);
  const found = filtered(input, known, {
    'instance-id': (a) => a.instanceId,
    state: () => 'associated',
  });
  const { items, nextToken } = page(input, found, (a) => a.associationId, 5);
  return { iamInstanceProfileAssociationSet: items.map((item) => view(engine, item)), nextToken };
};

export const profileOperations: Record<string, Operation> = {
  AssociateIamInstanceProfile,
  ReplaceIamInstanceProfileAssociation,
  DisassociateIamInstanceProfile,
  DescribeIamInstanceProfileAssociations,
};
