import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Connection } from './connection.ts';

/** AWS: sts:GetCallerIdentity, which needs no permission. */
export async function identity(
  aws: Connection,
): Promise<{ account: string; principal: string; clockAhead?: number }> {
  const command = new GetCallerIdentityCommand({});
  let clockAhead: number | undefined;
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      // The header counts whole seconds.
      const at = Date.parse((result.response as { headers?: { date?: string } }).headers?.date ?? '');
      if (!Number.isNaN(at)) clockAhead = Math.round((aws.clock.now() - at) / 1000) * 1000;
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'bakeClock' },
  );
  const { Account, Arn } = await aws.client(STSClient).send(command);
  return { account: Account ?? '', principal: Arn ?? '', clockAhead };
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
