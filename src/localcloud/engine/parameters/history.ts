import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { type ParameterRecord, type ParameterVersion, parameters, parameterVersions } from './records.ts';

/** Source: Systems Manager, "Working with parameter versions" and "Working with parameter labels". */
const MOST_VERSIONS = 100;
const MOST_LABELS = 10;

/** Keeps a version; the oldest goes. @throws ParameterMaxVersionLimitExceeded when that one has a label */
export function remember(engine: Engine, parameter: ParameterRecord): void {
  const versions = [...versionsOf(engine, parameter.name), { ...parameter, labels: [] }];
  if (versions.length > MOST_VERSIONS && versions[0]!.labels.length > 0) {
    throw new ServiceError(
      'ParameterMaxVersionLimitExceeded',
      `You attempted to create a new version of ${parameter.name}, but the oldest one has a label.`,
    );
  }
  parameterVersions(engine).put(parameter.name, versions.slice(-MOST_VERSIONS));
}

/** The oldest first. */
export const versionsOf = (engine: Engine, name: string): ParameterVersion[] =>
  parameterVersions(engine).get(name) ?? [];

/** By number or by label. @throws ParameterVersionNotFound */
export function versionOf(engine: Engine, name: string, selector: string): ParameterVersion {
  const found = versionsOf(engine, name).find(
    ({ version, labels }) => String(version) === selector || labels.includes(selector),
  );
  if (found) return found;
  throw new ServiceError(
    'ParameterVersionNotFound',
    `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
  );
}

/** Puts labels on a version, from wherever they were; returns those that may not be. @throws ParameterVersionNotFound */
export function label(engine: Engine, name: string, version: number | undefined, labels: string[]) {
  const latest = parameters(engine).get(name);
  if (!latest) throw new ServiceError('ParameterNotFound', `Parameter ${name} not found.`);
  const target = versionOf(engine, name, String(version ?? latest.version));
  const invalid = labels.filter((text) => !/^(?!\d)(?!aws|ssm)[\w.-]{1,100}$/i.test(text));
  const valid = labels.filter((text) => !invalid.includes(text));
  const merged = [...new Set([...target.labels, ...valid])];
  if (merged.length > MOST_LABELS) {
    throw new ServiceError(
      'ParameterVersionLabelLimitExceeded',
      `A parameter version can have at most ${MOST_LABELS} labels.`,
    );
  }
  change(engine, name, (one) =>
    one.version === target.version ? merged : one.labels.filter((text) => !valid.includes(text)),
  );
  return { version: target.version, invalid };
}

/** Takes labels off a version; returns what was there and what was not. */
export function unlabel(engine: Engine, name: string, version: number, labels: string[]) {
  const target = versionOf(engine, name, String(version));
  const removed = labels.filter((text) => target.labels.includes(text));
  change(engine, name, (one) =>
    one.version === version ? one.labels.filter((text) => !removed.includes(text)) : one.labels,
  );
  return { removed, invalid: labels.filter((text) => !removed.includes(text)) };
}

const change = (engine: Engine, name: string, labels: (version: ParameterVersion) => string[]) =>
  parameterVersions(engine).put(
    name,
    versionsOf(engine, name).map((version) => ({ ...version, labels: labels(version) })),
  );
