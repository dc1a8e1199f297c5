import type { ConditionRecord } from '../../engine/elb/records.ts';
import type { Input } from '../input.ts';
import { invalid } from './shapes.ts';

/** Where each field's values stand; the first two may also stand in `Values`. */
const CONFIGS: Record<string, string> = {
  'host-header': 'HostHeaderConfig',
  'path-pattern': 'PathPatternConfig',
  'http-header': 'HttpHeaderConfig',
  'http-request-method': 'HttpRequestMethodConfig',
  'query-string': 'QueryStringConfig',
  'source-ip': 'SourceIpConfig',
};

/** Throws ValidationError for an unknown field or a condition without values. */
export function readConditions(input: Input): ConditionRecord[] {
  return input.objects('Conditions').map((condition) => {
    const field = condition.require('Field');
    const name = CONFIGS[field];
    if (name === undefined)
      throw invalid(`Condition field '${field}' must be one of '[${Object.keys(CONFIGS)}]'`);
    if (condition.has('RegexValues') || condition.object(name)?.has('RegexValues'))
      throw invalid('The local cloud matches conditions by wildcards, not by regular expressions');
    const config = condition.object(name);
    if (field === 'query-string') {
      const pairs = (config?.objects('Values') ?? []).map((pair) => ({
        key: pair.text('Key'),
        value: pair.require('Value'),
      }));
      if (pairs.length === 0) throw invalid('A condition value must be specified');
      return { field, values: [], pairs };
    }
    const values = [...condition.list('Values'), ...(config?.list('Values') ?? [])];
    if (values.length === 0) throw invalid('A condition value must be specified');
    return { field, values, headerName: config?.text('HttpHeaderName') };
  });
}

export const viewCondition = ({ field, values, headerName, pairs }: ConditionRecord) => ({
  Field: field,
  Values: field === 'host-header' || field === 'path-pattern' ? values : [],
  [CONFIGS[field] as string]: {
    HttpHeaderName: headerName,
    Values: pairs ? pairs.map(({ key, value }) => ({ Key: key, Value: value })) : values,
  },
});
