import { BlockList, isIPv4 } from 'node:net';
import type { ConditionRecord } from './records.ts';

/** What conditions look at. */
export interface RequestFacts {
  method: string;
  /** Without its query. */
  path: string;
  query: string;
  /** Without its port. */
  host: string;
  headers: Record<string, string[] | undefined>;
  sourceIp: string;
}

/** Whether all conditions hold; each holds when one of its values matches. */
export const matches = (conditions: ConditionRecord[], request: RequestFacts): boolean =>
  conditions.every((condition) => holds(condition, request));

function holds({ field, values, headerName, pairs }: ConditionRecord, request: RequestFacts): boolean {
  switch (field) {
    case 'path-pattern':
      return values.some((value) => wildcard(value, 's').test(request.path));
    case 'host-header':
      return values.some((value) => wildcard(value, 'is').test(request.host));
    case 'http-header': {
      const present = request.headers[(headerName ?? '').toLowerCase()] ?? [];
      return values.some((value) => present.some((one) => wildcard(value, 'is').test(one)));
    }
    case 'http-request-method':
      return values.includes(request.method);
    case 'source-ip':
      return values.some((value) => contains(value, request.sourceIp));
    case 'query-string':
      return (pairs ?? []).some(({ key, value }) =>
        [...new URLSearchParams(request.query)].some(
          ([name, text]) =>
            (key === undefined || wildcard(key, 'is').test(name)) && wildcard(value, 'is').test(text),
        ),
      );
    default:
      return false;
  }
}

/** `*` stands for any characters, `?` for one; a backslash takes their meaning away. */
function wildcard(pattern: string, flags: string): RegExp {
  const source = pattern.replace(/\\([*?\\])|[\\^$.|+()[\]{}]|[*?]/g, (all, escaped: string | undefined) =>
    escaped !== undefined ? `\\${escaped}` : all === '*' ? '.*' : all === '?' ? '.' : `\\${all}`,
  );
  return new RegExp(`^${source}$`, flags);
}

function contains(block: string, address: string): boolean {
  const [network = '', prefix = ''] = block.split('/');
  if (!isIPv4(network) || !isIPv4(address) || !/^\d{1,2}$/.test(prefix) || Number(prefix) > 32) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  return list.check(address);
}
