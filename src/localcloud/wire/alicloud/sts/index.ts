import { principalOf } from '../../../engine/iam/principals.ts';
import { principals } from '../../../engine/iam/records.ts';
import type { Operation } from '../../service.ts';
import { accountId } from '../account.ts';
import type { Product } from '../product.ts';

/** Source: STS 2015-04-01, GetCallerIdentity. */
const GetCallerIdentity: Operation = (_, context) => {
  const AccountId = accountId(context);
  const principal = principalOf(context.caller.arn);
  if (!principal)
    return {
      AccountId,
      Arn: `acs:ram::${AccountId}:root`,
      IdentityType: 'Account',
      PrincipalId: AccountId,
      UserId: AccountId,
    };
  const { kind, name } = principal;
  const id = principals(context.engine).get(`${kind}/${name}`)?.id ?? name;
  return kind === 'user'
    ? {
        AccountId,
        Arn: `acs:ram::${AccountId}:user/${name}`,
        IdentityType: 'RAMUser',
        PrincipalId: id,
        UserId: id,
      }
    : {
        AccountId,
        Arn: `acs:ram::${AccountId}:assumed-role/${name}/${context.caller.arn.split('/').at(-1)}`,
        IdentityType: 'AssumedRoleUser',
        PrincipalId: `${id}:${context.caller.arn.split('/').at(-1)}`,
        RoleId: id,
      };
};

/** Security Token Service. */
export const stsProduct = (): Product => ({
  code: 'sts',
  version: '2015-04-01',
  operations: { GetCallerIdentity },
});
