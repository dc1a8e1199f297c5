import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { remember, versionOf } from './history.ts';
import { isPublic, publicParameter, publicParameters } from './public.ts';
import { type ParameterRecord, parameters, parameterVersions } from './records.ts';

const notFound = (name: string) => new ServiceError('ParameterNotFound', `Parameter ${name} not found.`);

const invalid = (message: string) => new ServiceError('ValidationException', message);

/** Bytes of a value. Source: Systems Manager, "Managing parameter tiers". */
const MOST_BYTES = { Standard: 4_096, Advanced: 8_192 };

/**
 * Makes a parameter, or with `overwrite` a new version of it.
 * @throws ParameterAlreadyExists, ValidationException, ParameterPatternMismatchException
 */
export function putParameter(
  engine: Engine,
  given: Pick<ParameterRecord, 'name' | 'value' | 'modifiedBy'> & Partial<ParameterRecord>,
  overwrite: boolean,
): ParameterRecord {
  const { name, value } = given;
  if (!/^[\w.\-/]{1,1011}$/.test(name) || (name.includes('/') && !name.startsWith('/'))) {
    throw invalid(
      `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`,
    );
  }
  if (/^\/?(aws|ssm)/i.test(name)) throw invalid(`No access to reserved parameter name: ${name}.`);
  const existing = parameters(engine).get(name);
  if (existing && !overwrite) {
    throw new ServiceError(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    );
  }
  const merged: ParameterRecord = {
    type: 'String',
    tier: 'Standard',
    dataType: 'text',
    ...existing,
    ...Object.fromEntries(Object.entries(given).filter(([, field]) => field !== undefined)),
    name,
    value,
    modifiedBy: given.modifiedBy,
    version: (existing?.version ?? 0) + 1,
    modifiedAt: engine.clock.now(),
  };
  checkValue(merged);
  remember(engine, merged);
  return parameters(engine).put(name, merged);
}

function checkValue({ value, type, tier, allowedPattern }: ParameterRecord): void {
  if (!['String', 'StringList', 'SecureString'].includes(type)) {
    throw new ServiceError('UnsupportedParameterType', `The parameter type ${type} isn't supported.`);
  }
  if (!(tier in MOST_BYTES)) throw invalid(`The parameter tier ${tier} isn't supported.`);
  if (Buffer.byteLength(value) > MOST_BYTES[tier]) {
    throw invalid(
      `${tier} tier parameters support a maximum parameter value of ${MOST_BYTES[tier]} characters.`,
    );
  }
  if (allowedPattern === undefined) return;
  let matches: boolean;
  try {
    matches = new RegExp(allowedPattern).test(value);
  } catch {
    throw new ServiceError('InvalidAllowedPatternException', `The pattern ${allowedPattern} is not valid.`);
  }
  if (!matches) {
    throw new ServiceError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${allowedPattern}`,
    );
  }
}

/**
 * A parameter by name, by ARN, or by `name:version` or `name:label`.
 * @throws ParameterNotFound, ParameterVersionNotFound
 */
export function getParameter(engine: Engine, selector: string): ParameterRecord {
  const inArn = /^arn:aws:ssm:[\w-]*:\d*:parameter(\/.+)$/.exec(selector)?.[1];
  const [plain = '', version] = (inArn ?? selector).split(':', 2);
  const table = parameters(engine);
  const name = inArn !== undefined && !table.has(plain) && !isPublic(plain) ? plain.slice(1) : plain;
  const parameter = isPublic(name) ? publicParameter(engine, name) : table.get(name);
  if (!parameter) throw notFound(selector);
  return version === undefined || version === String(parameter.version)
    ? parameter
    : versionOf(engine, name, version);
}

/** @throws ParameterNotFound */
export function deleteParameter(engine: Engine, name: string): void {
  if (!parameters(engine).has(name)) throw notFound(name);
  parameters(engine).delete(name);
  parameterVersions(engine).delete(name);
}

/** Parameters below a path, by name; only directly below unless `recursive`. Public ones are below `/aws/service`. */
export function parametersByPath(engine: Engine, path: string, recursive: boolean): ParameterRecord[] {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  const all = isPublic(prefix) ? publicParameters(engine) : parameters(engine).all();
  return byName(
    all.filter(
      ({ name }) => name.startsWith(prefix) && (recursive || !name.slice(prefix.length).includes('/')),
    ),
  );
}

export const byName = (list: ParameterRecord[]): ParameterRecord[] =>
  list.sort((a, b) => (a.name < b.name ? -1 : 1));

export const parameterArn = (engine: Engine, name: string): string => {
  const owner = isPublic(name) ? '' : engine.account;
  return `arn:aws:ssm:${engine.region}:${owner}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
};
