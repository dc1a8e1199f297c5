import type { Connection } from './connection.ts';

/** STS: GetCallerIdentity, which needs no permission. */
export async function identity(ali: Connection): Promise<{ account: string; principal: string }> {
  const answer = await ali.call<{ AccountId?: string; Arn?: string }>('sts', 'GetCallerIdentity');
  return { account: answer.AccountId ?? '', principal: answer.Arn ?? '' };
}
