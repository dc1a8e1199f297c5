import type { Engine } from '../engine.ts';

type ParameterType = 'String' | 'StringList' | 'SecureString';

export interface ParameterRecord {
  name: string;
  type: ParameterType;
  value: string;
  version: number;
  description?: string;
  allowedPattern?: string;
  tier: 'Standard' | 'Advanced';
  dataType: string;
  modifiedAt: number;
  modifiedBy: string;
}

export const parameters = (engine: Engine) => engine.store.table<ParameterRecord>('parameters');

/** One version of a parameter. */
export interface ParameterVersion extends ParameterRecord {
  labels: string[];
}

/** Every version of every parameter, by name: the oldest first. */
export const parameterVersions = (engine: Engine) =>
  engine.store.table<ParameterVersion[]>('parameterVersions');
