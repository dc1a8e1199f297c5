import type { RequestFacts } from './matching.ts';
import type { ActionRecord, ListenerRecord } from './records.ts';

const USUAL_PORT: Record<string, string> = { http: '80', https: '443' };

/** Where a redirect points to: `#{protocol}` and the like stand for what was asked. Source: RedirectActionConfig. */
export function redirectTo(
  redirect: NonNullable<ActionRecord['redirect']>,
  listener: ListenerRecord,
  { host, path, query }: RequestFacts,
): string {
  const asked: Record<string, string> = {
    protocol: listener.protocol.toLowerCase(),
    host,
    port: String(listener.port),
    path: path.replace(/^\//, ''),
    query,
  };
  const fill = (text: string) => text.replace(/#\{(\w+)\}/g, (all, name: string) => asked[name] ?? all);
  const protocol = fill(redirect.protocol).toLowerCase();
  const port = fill(redirect.port);
  const place = port === USUAL_PORT[protocol] ? '' : `:${port}`;
  const end = fill(redirect.query);
  return `${protocol}://${fill(redirect.host)}${place}${fill(redirect.path)}${end === '' ? '' : `?${end}`}`;
}
