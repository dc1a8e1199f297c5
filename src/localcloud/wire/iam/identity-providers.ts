import {
  createIdentityProvider,
  findIdentityProvider,
  nameOfProvider,
} from '../../engine/iam/identity-providers.ts';
import { identityProviders } from '../../engine/iam/records.ts';
import type { Operation } from '../service.ts';

const ARN = 'OpenIDConnectProviderArn';

const CreateOpenIDConnectProvider: Operation = (input, { engine }) => {
  const { arn } = createIdentityProvider(engine, {
    url: input.require('Url'),
    clients: input.list('ClientIDList'),
    thumbprints: input.list('ThumbprintList'),
  });
  return { [ARN]: arn };
};

const GetOpenIDConnectProvider: Operation = (input, { engine }) => {
  const { url, clients, thumbprints, createdAt } = findIdentityProvider(engine, input.require(ARN));
  return {
    Url: nameOfProvider(url),
    ClientIDList: clients,
    ThumbprintList: thumbprints,
    CreateDate: new Date(createdAt),
  };
};

const ListOpenIDConnectProviders: Operation = (_input, { engine }) => ({
  OpenIDConnectProviderList: identityProviders(engine)
    .all()
    .map(({ arn }) => ({ Arn: arn })),
});

/** It is no error when it is not there. */
const DeleteOpenIDConnectProvider: Operation = (input, { engine }) => {
  identityProviders(engine).delete(input.require(ARN));
};

export const identityProviderOperations: Record<string, Operation> = {
  CreateOpenIDConnectProvider,
  GetOpenIDConnectProvider,
  ListOpenIDConnectProviders,
  DeleteOpenIDConnectProvider,
};
