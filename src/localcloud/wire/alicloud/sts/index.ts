import type { RequestContext } from '../../service.ts';
import type { Product } from '../product.ts';

/** Alibaba's accounts have sixteen digits. */
export const accountId = ({ engine }: Pick<RequestContext, 'engine'>): string =>
  engine.account.padStart(16, '0');

/** Security Token Service. Source: STS 2015-04-01, GetCallerIdentity. */
export const stsProduct = (): Product => ({
  code: 'sts',
  version: '2015-04-01',
  operations: {
    GetCallerIdentity: (_, context) => ({
      AccountId: accountId(context),
      Arn: `acs:ram::${accountId(context)}:root`,
      IdentityType: 'Account',
      PrincipalId: accountId(context),
      UserId: accountId(context),
    }),
  },
});
