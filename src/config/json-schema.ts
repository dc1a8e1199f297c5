import { type Known, knownKeys } from './known.ts';
import { scalingKeys } from './scaling.ts';

/**
 * The JSON schema of bake.yaml for editors (`schema/bake.schema.json`): the project, and `environments`, each of which may
 * hold any part of it.
 */
export function bakeJsonSchema(): Known {
  const schema = knownKeys();
  const { $schema, title, ...project } = schema;
  const { branches, ...others } = project.properties ?? {};
  const overridable = { ...project, properties: others };
  return {
    $schema,
    title,
    ...project,
    properties: {
      ...project.properties,
      environments: {
        description:
          'Environments: a name, and what differs there. Maps are merged, lists and values replaced.',
        type: 'object',
        additionalProperties: partial(overridable as Known),
      },
    },
  };
}

/** The same, with nothing required and no defaults: what an override may hold. Lists stay as they are: they replace. */
function partial(schema: Known): Known {
  const { required: _required, default: _default, ...rest } = schema;
  if (rest.anyOf) return { ...rest, anyOf: rest.anyOf.map(partial) };
  if (!rest.properties) return rest;
  const properties = Object.entries(rest.properties).map(([key, value]) => [key, partial(value)]);
  return { ...rest, properties: Object.fromEntries(properties) };
}

/** The JSON schema of scaling files (`schema/scaling.schema.json`). Where a number may stand, so may a variable. */
export const scalingJsonSchema = (): Known => orVariables(scalingKeys());

const VARIABLE: Known = { type: 'string', pattern: '\\$\\{' };

function orVariables(schema: Known): Known {
  const { description, ...rest } = schema;
  if (['number', 'integer', 'boolean'].includes(rest.type ?? ''))
    return { description, anyOf: [rest, VARIABLE] };
  const { properties, additionalProperties, items, anyOf } = schema;
  const inside = (all: Record<string, Known>) =>
    Object.fromEntries(Object.entries(all).map(([key, value]) => [key, orVariables(value)]));
  return {
    ...schema,
    ...(properties && { properties: inside(properties) }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: orVariables(additionalProperties),
    }),
    ...(items && { items: orVariables(items) }),
    ...(anyOf && { anyOf: anyOf.map(orVariables) }),
  };
}
