import { ServiceError } from '../../engine/errors.ts';
import { byName, parameterArn, parametersByPath } from '../../engine/parameters/parameters.ts';
import { type ParameterRecord, parameters } from '../../engine/parameters/records.ts';
import type { Operation } from '../service.ts';
import { parameterShape } from './parameters.ts';
import { type Filter, filtersOf, pageOf, seconds } from './shapes.ts';

/** Ten a page at most. */
const GetParametersByPath: Operation = (input, { engine }) => {
  const path = input.require('Path');
  if (!path.startsWith('/'))
    throw new ServiceError('ValidationException', 'The parameter path must begin with a slash.');
  const tests = filtersOf(input, 'ParameterFilters').map(testOf);
  const found = parametersByPath(engine, path, input.bool('Recursive') ?? false).filter((parameter) =>
    tests.every((test) => test(parameter)),
  );
  const { items, next } = pageOf(found, input, 10);
  const decrypt = input.bool('WithDecryption') ?? false;
  return {
    Parameters: items.map((parameter) => parameterShape(engine, parameter, decrypt)),
    NextToken: next,
  };
};

const DescribeParameters: Operation = (input, { engine }) => {
  const filters = [...filtersOf(input, 'ParameterFilters'), ...filtersOf(input, 'Filters')];
  const tests = filters.map(testOf);
  const found = byName(parameters(engine).filter((parameter) => tests.every((test) => test(parameter))));
  const { items, next } = pageOf(found, input, 50);
  return {
    Parameters: items.map((parameter) => ({
      Name: parameter.name,
      ARN: parameterArn(engine, parameter.name),
      Type: parameter.type,
      LastModifiedDate: seconds(parameter.modifiedAt),
      LastModifiedUser: parameter.modifiedBy,
      Description: parameter.description,
      AllowedPattern: parameter.allowedPattern,
      Version: parameter.version,
      Tier: parameter.tier,
      Policies: [],
      DataType: parameter.dataType,
    })),
    NextToken: next,
  };
};

/** @throws InvalidFilterKey, InvalidFilterOption */
function testOf({ key, option, values }: Filter): (parameter: ParameterRecord) => boolean {
  if (key === 'Path') {
    const below = values.map((path) => (path.endsWith('/') ? path : `${path}/`));
    return ({ name }) =>
      below.some(
        (prefix) =>
          name.startsWith(prefix) && (option === 'Recursive' || !name.slice(prefix.length).includes('/')),
      );
  }
  const facts = { Name: 'name', Type: 'type', Tier: 'tier', DataType: 'dataType' } as const;
  if (!Object.hasOwn(facts, key))
    throw new ServiceError('InvalidFilterKey', `The filter key ${key} isn't valid.`);
  const fact = facts[key as keyof typeof facts];
  if (option === 'Equals') return (parameter) => values.includes(parameter[fact]);
  if (option === 'BeginsWith')
    return (parameter) => values.some((value) => parameter[fact].startsWith(value));
  if (option === 'Contains') return (parameter) => values.some((value) => parameter[fact].includes(value));
  throw new ServiceError('InvalidFilterOption', `The filter option ${option} isn't valid.`);
}

export const parameterListOperations: Record<string, Operation> = {
  GetParametersByPath,
  DescribeParameters,
};
