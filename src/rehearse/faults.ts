import { BakeError } from '../run/errors.ts';

/** Where the local cloud is, and what opens it. */
export interface LocalCloud {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Adds faults to the local cloud. Throws a usage error (exit code 2) when it does not understand them. */
export async function setFaults(cloud: LocalCloud, faults: object): Promise<void> {
  const answer = await call(cloud, { method: 'POST', body: JSON.stringify(faults) });
  if (answer.ok) return;
  throw new BakeError(`the faults of the scenario are not understood: ${(await answer.text()).trim()}`, {
    exitCode: 2,
    hint: 'docs/local-cloud.md, "Faults, policies", says what there is.',
  });
}

/** Takes all faults away. Returns how often requests and instances have met one. */
export async function clearFaults(cloud: LocalCloud): Promise<number> {
  const answer = await call(cloud, { method: 'GET' });
  const { requests, instances } = (await answer.json()) as Record<string, { fired: number }[]>;
  await (await call(cloud, { method: 'DELETE' })).arrayBuffer();
  return [...(requests ?? []), ...(instances ?? [])].reduce((sum, { fired }) => sum + fired, 0);
}

const call = ({ endpoint, secretAccessKey }: LocalCloud, request: RequestInit) =>
  fetch(`${endpoint}/_bake/faults`, { ...request, headers: { authorization: `Bearer ${secretAccessKey}` } });

/** Fills `${name}` in every text of the faults; what is not known stays. Pure. */
export function filled<T>(value: T, words: Record<string, string>): T {
  if (typeof value === 'string')
    return value.replace(/\$\{([\w.]+)\}/g, (whole, name: string) => words[name] ?? whole) as T;
  if (Array.isArray(value)) return value.map((item) => filled(item, words)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, words)])) as T;
}
