import { label, unlabel, versionsOf } from '../../engine/parameters/history.ts';
import { getParameter } from '../../engine/parameters/parameters.ts';
import type { Operation } from '../service.ts';
import { parameterShape } from './parameters.ts';
import { pageOf, seconds } from './shapes.ts';

const GetParameterHistory: Operation = (input, { engine }) => {
  const { name } = getParameter(engine, input.require('Name'));
  const decrypt = input.bool('WithDecryption') ?? false;
  const { items, next } = pageOf(versionsOf(engine, name), input, 50);
  return {
    Parameters: items.map((version) => ({
      Name: name,
      Type: version.type,
      Value: parameterShape(engine, version, decrypt).Value,
      LastModifiedDate: seconds(version.modifiedAt),
      LastModifiedUser: version.modifiedBy,
      Description: version.description,
      AllowedPattern: version.allowedPattern,
      Version: version.version,
      Labels: version.labels,
      Tier: version.tier,
      DataType: version.dataType,
      Policies: [],
    })),
    NextToken: next,
  };
};

const LabelParameterVersion: Operation = (input, { engine }) => {
  const done = label(engine, input.require('Name'), input.int('ParameterVersion'), input.list('Labels'));
  return { InvalidLabels: done.invalid, ParameterVersion: done.version };
};

const UnlabelParameterVersion: Operation = (input, { engine }) => {
  const version = input.requireInt('ParameterVersion');
  const { removed, invalid } = unlabel(engine, input.require('Name'), version, input.list('Labels'));
  return { RemovedLabels: removed, InvalidLabels: invalid };
};

export const parameterHistoryOperations: Record<string, Operation> = {
  GetParameterHistory,
  LabelParameterVersion,
  UnlabelParameterVersion,
};
