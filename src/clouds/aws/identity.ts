import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Connection } from './connection.ts';

/** AWS: sts:GetCallerIdentity, which needs no permission. */
export async function identity(aws: Connection): Promise<{ account: string; principal: string }> {
  const { Account, Arn } = await aws.client(STSClient).send(new GetCallerIdentityCommand({}));
  return { account: Account ?? '', principal: Arn ?? '' };
}

/** The region of the AWS profile in use, or undefined. */
export async function regionOfProfile(): Promise<string | undefined> {
  const client = new STSClient({});
  try {
    return await client.config.region();
  } catch {
    return undefined;
  } finally {
    client.destroy();
  }
}
