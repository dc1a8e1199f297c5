import { ServiceError } from '../../../engine/errors.ts';
import { versionsOf } from '../../../engine/parameters/history.ts';
import { deleteParameter, putParameter } from '../../../engine/parameters/parameters.ts';
import { type ParameterRecord, parameters } from '../../../engine/parameters/records.ts';
import type { Input } from '../../input.ts';
import type { Operation, RequestContext } from '../../service.ts';
import { utc } from '../ecs/input.ts';
import type { Product } from '../product.ts';

/** A name is the same parameter whichever cloud's client asks for it. Source: OOS 2019-06-01, CreateParameter. */
function nameOf(input: Input): string {
  const name = input.require('Name');
  if (/^[\w/-]{2,180}$/.test(name) && !/^(aliyun|acs|alibaba|alicloud|oos)/i.test(name)) return name;
  throw new ServiceError('InvalidParameter', `The parameter Name ${name} is invalid.`);
}

const view = (parameter: ParameterRecord, region: string, withValue = true) => ({
  Id: `p-${parameter.name.replaceAll(/\W/g, '').slice(-12)}`,
  Name: parameter.name,
  Type: 'String',
  ...(withValue && { Value: parameter.value }),
  Description: parameter.description ?? '',
  ParameterVersion: parameter.version,
  RegionId: region,
  CreatedDate: utc(parameter.modifiedAt),
  UpdatedDate: utc(parameter.modifiedAt),
  CreatedBy: parameter.modifiedBy,
  UpdatedBy: parameter.modifiedBy,
  ShareType: 'Private',
  ResourceGroupId: '',
  Tags: {},
});

function found({ engine }: RequestContext, name: string): ParameterRecord {
  const parameter = parameters(engine).get(name);
  if (parameter) return parameter;
  throw new ServiceError('EntityNotExists.Parameter', `The specified parameter ${name} does not exist.`, 404);
}

const CreateParameter: Operation = (input, context) => {
  const { engine, caller, region } = context;
  const name = nameOf(input);
  if (parameters(engine).has(name))
    throw new ServiceError('EntityAlreadyExists.Parameter', `The parameter ${name} already exists.`, 409);
  const given = { name, value: input.require('Value'), description: input.text('Description') };
  const made = putParameter(engine, { ...given, modifiedBy: caller.arn }, false);
  return { Parameter: view(made, region, false) };
};

/** A new version. */
const UpdateParameter: Operation = (input, context) => {
  const { engine, caller, region } = context;
  const { name } = found(context, nameOf(input));
  const given = { name, value: input.require('Value'), description: input.text('Description') };
  const made = putParameter(engine, { ...given, modifiedBy: caller.arn }, true);
  return { Parameter: view(made, region, false) };
};

const GetParameter: Operation = (input, context) => {
  const parameter = found(context, nameOf(input));
  const version = input.int('ParameterVersion');
  if (version === undefined) return { Parameter: view(parameter, context.region) };
  const one = versionsOf(context.engine, parameter.name).find((each) => each.version === version);
  if (one) return { Parameter: view(one, context.region) };
  throw new ServiceError(
    'EntityNotExists.ParameterVersion',
    `The specified version ${version} of parameter ${parameter.name} does not exist.`,
    404,
  );
};

const ListParameterVersions: Operation = (input, context) => {
  const parameter = found(context, nameOf(input));
  const versions = versionsOf(context.engine, parameter.name).toReversed();
  return {
    Name: parameter.name,
    Type: 'String',
    TotalCount: versions.length,
    MaxResults: versions.length,
    ParameterVersions: versions.map((one) => ({
      ParameterVersion: one.version,
      Value: one.value,
      UpdatedBy: one.modifiedBy,
      UpdatedDate: utc(one.modifiedAt),
    })),
  };
};

const DeleteParameter: Operation = (input, context) => {
  deleteParameter(context.engine, found(context, nameOf(input)).name);
  return {};
};

/** Operation Orchestration Service: its parameter store. */
export const oosProduct = (): Product => ({
  code: 'oos',
  version: '2019-06-01',
  operations: { CreateParameter, UpdateParameter, GetParameter, ListParameterVersions, DeleteParameter },
});
