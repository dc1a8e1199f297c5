import type { Service } from '../service.ts';
import { eventOperations } from './events.ts';
import { groupOperations } from './groups.ts';
import { queryOperations } from './queries.ts';

/** Amazon CloudWatch Logs, version 2014-03-28. */
export function logsService(): Service {
  const invalid = 'InvalidParameterException';
  return {
    signingName: 'logs',
    parameterErrors: { missing: invalid, malformed: invalid },
    json: {
      version: '1.1',
      targetPrefix: 'Logs_20140328',
      operations: { ...groupOperations, ...eventOperations, ...queryOperations },
    },
  };
}
