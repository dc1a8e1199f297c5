import type { TestCloud } from './cloud.ts';

/** Asks one of the local cloud's own paths (`/_bake/…`) as `bake local` does; throws what it answers when it refuses. */
export async function askOwnPath(
  cloud: TestCloud,
  path: string,
  options: { method?: string; body?: unknown } = {},
): Promise<unknown> {
  const answer = await fetch(`${cloud.endpoint}/_bake/${path}`, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: { authorization: `Bearer ${cloud.credentials.secretAccessKey}` },
    body: options.body === undefined ? undefined : JSON.stringify(options.body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text);
}

/** The key of a user who may do what this policy says and nothing else; from now on the cloud enforces it. */
export async function keyUnder(
  cloud: TestCloud,
  policy: object,
): Promise<{ accessKeyId: string; secretAccessKey: string }> {
  const body = { enforce: true, principals: { bake: { policies: { bake: policy } } } };
  const { principals } = (await askOwnPath(cloud, 'policies', { body })) as {
    principals: { bake: { accessKeyId: string; secretAccessKey: string } };
  };
  const { accessKeyId, secretAccessKey } = principals.bake;
  return { accessKeyId, secretAccessKey };
}
