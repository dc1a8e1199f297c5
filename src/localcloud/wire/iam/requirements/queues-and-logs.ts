import { logGroups } from '../../../engine/logs/records.ts';
import { queues } from '../../../engine/queues/records.ts';
import { type Asked, mapOf, type Requirement, requestTags, resourceTags } from './requirement.ts';

/** Batches need the permission of the single operation. Source: service authorization reference, "Amazon SQS". */
export function sqsRequirements({ engine, region, operation, input, path }: Asked): Requirement[] {
  const action = `sqs:${operation.replace(/Batch$/, '')}`;
  const url = input.has('QueueUrl') ? input.text('QueueUrl') : path;
  const name = input.has('QueueName') ? input.text('QueueName') : url?.split('/').at(-1);
  if (operation === 'ListQueues' || !name) return [{ action, resource: '*' }];
  return [
    {
      action,
      resource: `arn:aws:sqs:${region}:${engine.account}:${name}`,
      context: {
        ...resourceTags(queues(engine).get(name)?.tags ?? {}),
        ...requestTags({ ...mapOf(input, 'tags'), ...mapOf(input, 'Tags') }),
      },
    },
  ];
}

/** A log group's ARN as it is compared: a stream always follows, if only an empty one. */
export function logsRequirements({ engine, region, operation, input }: Asked): Requirement[] {
  const action = `logs:${operation}`;
  const named = ['logGroupName', 'logGroupIdentifier', 'resourceArn'].find((name) => input.has(name));
  const several = [...listOf(input.values.logGroupNames), ...listOf(input.values.logGroupIdentifiers)];
  const names = named === undefined ? several : [String(input.values[named])];
  const stream = input.has('logStreamName') ? String(input.values.logStreamName) : '';
  const tags = requestTags(mapOf(input, 'tags'));
  if (names.length === 0 && !operation.startsWith('DescribeLog')) return [{ action, resource: '*' }];
  return (names.length > 0 ? names : ['']).map((text) => {
    const name = /:log-group:([^:]+)/.exec(text)?.[1] ?? text;
    return {
      action,
      resource: `arn:aws:logs:${region}:${engine.account}:log-group:${name}:log-stream:${stream}`,
      context: { ...resourceTags(logGroups(engine).get(name)?.tags ?? {}), ...tags },
    };
  });
}

const listOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
