import type { Engine } from '../../engine/engine.ts';
import { findObject, objectsOf } from '../../engine/s3/records.ts';
import { Flat } from '../xml.ts';
import { elements, type S3Call, type S3Operation, xmlBody } from './shapes.ts';

function setTags(engine: Engine, { bucket, key }: S3Call, tags: Record<string, string>): void {
  findObject(engine, bucket, key);
  objectsOf(engine, bucket).patch(key, { tags });
}

const GetObjectTagging: S3Operation = ({ bucket, key }, { engine }) => {
  const tags = Object.entries(findObject(engine, bucket, key).tags);
  const Tag = new Flat(tags.map(([Key, Value]) => ({ Key, Value })));
  return { xml: ['Tagging', { TagSet: { Tag } }] };
};

const PutObjectTagging: S3Operation = async (call, { engine }) => {
  const content = await xmlBody(call.request, 'Tagging');
  const [set = {}] = elements(content.TagSet);
  const tags = elements(set.Tag).map(({ Key, Value }) => [String(Key ?? ''), String(Value ?? '')] as const);
  setTags(engine, call, Object.fromEntries(tags));
  return {};
};

const DeleteObjectTagging: S3Operation = (call, { engine }) => {
  setTags(engine, call, {});
  return { status: 204 };
};

export const tagOperations: Record<string, S3Operation> = {
  GetObjectTagging,
  PutObjectTagging,
  DeleteObjectTagging,
};
