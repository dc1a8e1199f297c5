import { createHash } from 'node:crypto';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import {
  deleteParameter,
  getParameter,
  parameterArn,
  putParameter,
} from '../../engine/parameters/parameters.ts';
import { type ParameterRecord, parameters } from '../../engine/parameters/records.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { seconds } from './shapes.ts';

const PutParameter: Operation = (input, { engine, caller }) => {
  const { version, tier } = putParameter(
    engine,
    {
      name: input.require('Name'),
      value: input.require('Value'),
      type: input.text('Type') as ParameterRecord['type'] | undefined,
      tier: input.text('Tier') as ParameterRecord['tier'] | undefined,
      dataType: input.text('DataType'),
      description: input.text('Description'),
      allowedPattern: input.text('AllowedPattern'),
      modifiedBy: caller.arn,
    },
    input.bool('Overwrite') ?? false,
  );
  return { Version: version, Tier: tier };
};

export function parameterShape(engine: Engine, parameter: ParameterRecord, decrypt: boolean) {
  const secret = parameter.type === 'SecureString' && !decrypt;
  return {
    Name: parameter.name,
    Type: parameter.type,
    Value: secret ? sealed(parameter.value) : parameter.value,
    Version: parameter.version,
    LastModifiedDate: seconds(parameter.modifiedAt),
    ARN: parameterArn(engine, parameter.name),
    DataType: parameter.dataType,
  };
}

/** Stands for the encrypted value: the same for the same value, and does not give it away. */
const sealed = (value: string) => `AQICAH${createHash('sha256').update(value).digest('base64')}`;

const GetParameter: Operation = (input, { engine }) => {
  const name = input.require('Name');
  const parameter = getParameter(engine, name);
  const shape = parameterShape(engine, parameter, input.bool('WithDecryption') ?? false);
  const selector = /:[^:/]+$/.exec(name)?.[0];
  return { Parameter: { ...shape, Selector: selector } };
};

const GetParameters: Operation = (input, { engine }) => {
  const decrypt = input.bool('WithDecryption') ?? false;
  const Parameters: unknown[] = [];
  const InvalidParameters: string[] = [];
  for (const name of names(input)) {
    try {
      Parameters.push(parameterShape(engine, getParameter(engine, name), decrypt));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      InvalidParameters.push(name);
    }
  }
  return { Parameters, InvalidParameters };
};

const DeleteParameter: Operation = (input, { engine }) => deleteParameter(engine, input.require('Name'));

const DeleteParameters: Operation = (input, { engine }) => {
  const DeletedParameters = names(input).filter((name) => parameters(engine).has(name));
  for (const name of DeletedParameters) deleteParameter(engine, name);
  return {
    DeletedParameters,
    InvalidParameters: names(input).filter((name) => !DeletedParameters.includes(name)),
  };
};

/** Between one and ten, each once. */
function names(input: Input): string[] {
  const list = [...new Set(input.list('Names'))];
  if (list.length === 0 || list.length > 10)
    throw new ServiceError('ValidationException', 'Names must hold between 1 and 10 names.');
  return list;
}

export const parameterOperations: Record<string, Operation> = {
  PutParameter,
  GetParameter,
  GetParameters,
  DeleteParameter,
  DeleteParameters,
};
