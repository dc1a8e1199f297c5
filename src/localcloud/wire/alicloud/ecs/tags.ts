import { keyPairs } from '../../../engine/ec2/key-pairs.ts';
import { allTags, type Tags } from '../../../engine/ec2/resources.ts';
import { addTags, removeTags } from '../../../engine/ec2/tags.ts';
import { ecsTemplates } from '../../../engine/ecs/templates.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { inward, outward } from '../ids.ts';
import { pageOf, tagsOf } from './input.ts';

/** What ECS calls the kinds of resource, and the engine. */
const TYPES: Record<string, string> = {
  instance: 'instance',
  disk: 'volume',
  snapshot: 'snapshot',
  image: 'image',
  securitygroup: 'security-group',
  launchtemplate: 'launch-template',
  keypair: 'key-pair',
};

/** ECS: resources of one call. */
const MOST_RESOURCES = 50;

function resources(input: Input): { type: string; ids: string[] } {
  const type = input.require('ResourceType');
  const ids = input.list('ResourceId');
  if (!Object.hasOwn(TYPES, type))
    throw new ServiceError('InvalidResourceType.NotFound', 'The specified ResourceType is not found.', 404);
  if (ids.length === 0)
    throw new ServiceError('MissingParameter.ResourceId', 'ResourceId is mandatory for this action.');
  if (ids.length > MOST_RESOURCES)
    throw new ServiceError('NumberExceed.ResourceIds', `At most ${MOST_RESOURCES} resources can be given.`);
  return { type, ids };
}

/** Templates are ECS's own; key pairs go by their names there. */
function change(
  engine: Engine,
  { type, ids }: { type: string; ids: string[] },
  changed: (tags: Tags) => Tags,
  others: (ids: string[]) => void,
): void {
  if (type !== 'launchtemplate') {
    others(type === 'keypair' ? keyPairIds(engine, ids) : ids.map(inward));
    return;
  }
  for (const id of ids) {
    const template = ecsTemplates(engine).get(id);
    if (template) ecsTemplates(engine).patch(id, { tags: changed(template.tags) });
  }
}

const keyPairIds = (engine: Engine, names: string[]): string[] =>
  keyPairs(engine)
    .filter(({ keyName }) => names.includes(keyName))
    .map(({ keyPairId }) => keyPairId);

const TagResources: Operation = (input, { engine }) => {
  const tags = tagsOf(input);
  change(
    engine,
    resources(input),
    (before) => ({ ...before, ...tags }),
    (ids) => addTags(engine, ids, tags),
  );
  return {};
};

const UntagResources: Operation = (input, { engine }) => {
  const all = input.bool('All') ?? false;
  const keys = input.list('TagKey');
  const goes = (key: string) => all || keys.includes(key);
  change(
    engine,
    resources(input),
    (before) => Object.fromEntries(Object.entries(before).filter(([key]) => !goes(key))),
    (ids) =>
      removeTags(
        engine,
        ids,
        keys.map((key) => ({ key })),
      ),
  );
  return {};
};

const ListTagResources: Operation = (input, { engine, region }) => {
  const type = input.require('ResourceType');
  const ids = input.list('ResourceId');
  const wanted = input.objects('Tag');
  const templates = ecsTemplates(engine)
    .all()
    .flatMap(({ templateId: id, tags }) =>
      Object.entries(tags).map(([key, value]) => ({ id, type: 'launch-template', key, value })),
    );
  const all = [...allTags(engine, region).filter((one) => one.type !== 'launch-template'), ...templates]
    .filter((one) => one.type === TYPES[type])
    .map((one) => ({ ...one, id: type === 'keypair' ? nameOf(engine, one.id) : outward(one.id) }));
  const carriesAll = (id: string) =>
    wanted.every((tag) =>
      all.some(
        (one) =>
          one.id === id &&
          one.key === tag.text('Key') &&
          (!tag.has('Value') || one.value === tag.text('Value')),
      ),
    );
  const found = all.filter(({ id }) => (ids.length === 0 || ids.includes(id)) && carriesAll(id));
  const { items, view } = pageOf(input, found, 100);
  return {
    NextToken: view.NextToken,
    TagResources: {
      TagResource: items.map(({ id, key, value }) => ({
        ResourceId: id,
        ResourceType: type,
        TagKey: key,
        TagValue: value,
      })),
    },
  };
};

const nameOf = (engine: Engine, keyPairId: string): string =>
  keyPairs(engine).get(keyPairId)?.keyName ?? keyPairId;

export const tagOperations: Record<string, Operation> = { TagResources, UntagResources, ListTagResources };
