import type { SmokeConfig } from '../config/schema.ts';
import { count, formatDuration } from '../run/format.ts';
import { commandName } from './commands.ts';

/** One smoke test as it would run. */
export interface PlannedTest {
  name: 'sqs' | 'logs' | 'http' | 'command';
  words: string;
  /** How long it takes when all is well, and how long it may take, milliseconds. */
  least: number;
  most: number;
}

/** What `runSmokeTests` would do, in words. Pure. */
export function plannedTests({ sqs, logs, http, commands }: SmokeConfig): PlannedTest[] {
  const tests: PlannedTest[] = [];
  if (sqs)
    tests.push({
      name: 'sqs',
      words: `${count(sqs.answers, 'marked message')} through queue ${sqs.queue} processed by instances of the new release within ${formatDuration(sqs.timeout)}, and nothing new in its dead-letter queue`,
      least: 0,
      most: sqs.timeout,
    });
  if (logs)
    tests.push({
      name: 'logs',
      words: `${logs.tolerated === 0 ? 'no' : `at most ${logs.tolerated}`} errors (${logs.errorPattern}) in ${logs.group} from the new instances${logs.compare ? ', or no more than from the old ones' : ''}, watched for ${formatDuration(logs.settle)}`,
      least: logs.settle,
      most: logs.settle,
    });
  for (const { path, port, through, status, body, timeout } of http)
    tests.push({
      name: 'http',
      words: `GET ${path}${port === undefined ? '' : ` on port ${port}`} ${through === 'instance' ? 'on each new instance' : 'through the load balancer'} answers ${status}${body === undefined ? '' : ` with /${body}/`} within ${formatDuration(timeout)}`,
      least: 0,
      most: timeout,
    });
  for (const command of commands)
    tests.push({
      name: 'command',
      words: `${commandName(command)} ends with 0 on each new instance within ${formatDuration(command.timeout)}`,
      least: 0,
      most: command.timeout,
    });
  return tests;
}
