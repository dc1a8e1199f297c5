import type { Service } from '../service.ts';
import { commandOperations } from './commands.ts';
import { documentOperations } from './documents.ts';
import { instanceOperations } from './instances.ts';
import { invocationOperations } from './invocations.ts';
import { parameterHistoryOperations } from './parameter-history.ts';
import { parameterListOperations } from './parameter-lists.ts';
import { parameterOperations } from './parameters.ts';

/** AWS Systems Manager, version 2014-11-06: Run Command and Parameter Store. */
export function ssmService(): Service {
  return {
    signingName: 'ssm',
    json: {
      version: '1.1',
      targetPrefix: 'AmazonSSM',
      operations: {
        ...commandOperations,
        ...invocationOperations,
        ...instanceOperations,
        ...parameterOperations,
        ...parameterListOperations,
        ...parameterHistoryOperations,
        ...documentOperations,
      },
    },
  };
}
