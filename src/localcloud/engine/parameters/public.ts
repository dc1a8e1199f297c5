import { baseImageId } from '../ec2/images.ts';
import type { Engine } from '../engine.ts';
import type { ParameterRecord } from './records.ts';

const AMAZON_LINUX = '/aws/service/ami-amazon-linux-latest/';

/** AWS's own parameters: everybody reads them, nobody writes them. */
export const isPublic = (name: string): boolean => name.startsWith('/aws/service/');

/** Any name of an Amazon Linux image is the local base image; nothing else is there. */
export function publicParameter(engine: Engine, name: string): ParameterRecord | undefined {
  if (!/^[\w.-]+$/.test(name.slice(AMAZON_LINUX.length)) || !name.startsWith(AMAZON_LINUX)) return undefined;
  return {
    name,
    type: 'String',
    value: baseImageId(engine),
    version: 1,
    tier: 'Standard',
    dataType: 'aws:ec2:image',
    // The image never changes, so neither does the parameter.
    modifiedAt: Date.UTC(2026, 0, 1),
    modifiedBy: 'amazon',
  };
}

/** Those that are listed: the names that AWS has for this machine's architecture. */
export function publicParameters(engine: Engine): ParameterRecord[] {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
  return ['ami-kernel-default', 'ami-kernel-6.1', 'ami-minimal-kernel-default', 'ami-minimal-kernel-6.1']
    .map((kind) => publicParameter(engine, `${AMAZON_LINUX}al2023-${kind}-${architecture}`))
    .filter((parameter) => parameter !== undefined);
}
