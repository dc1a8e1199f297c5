import { type AlarmRecord, alarms } from '../../engine/cloudwatch/alarms.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Operation } from '../service.ts';
import { readTags } from './alarm-request.ts';

export const TagResource: Operation = (input, { engine }) => {
  const { name, tags } = findByArn(engine, input.require('ResourceARN'));
  alarms(engine).patch(name, { tags: { ...tags, ...readTags(input) } });
};

export const UntagResource: Operation = (input, { engine }) => {
  const { name, tags } = findByArn(engine, input.require('ResourceARN'));
  const gone = input.list('TagKeys');
  alarms(engine).patch(name, {
    tags: Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.includes(key))),
  });
};

export const ListTagsForResource: Operation = (input, { engine }) => ({
  Tags: Object.entries(findByArn(engine, input.require('ResourceARN')).tags).map(([Key, Value]) => ({
    Key,
    Value,
  })),
});

function findByArn(engine: Engine, arn: string): AlarmRecord {
  const found = alarms(engine).filter((alarm) => alarm.arn === arn)[0];
  if (!found) throw new ServiceError('ResourceNotFoundException', `${arn} does not exist`, 404);
  return found;
}
