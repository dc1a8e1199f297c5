import { type ResolvedTemplate, resolveTemplate } from '../ec2/launch-templates.ts';
import type { Engine } from '../engine.ts';
import { ServiceError } from '../errors.ts';
import { invalid, type TemplateReference } from './groups.ts';

/** What a request says: id or name, and a version or none (then `$Default`, as the API reference has it). */
export interface TemplateRequest {
  id?: string;
  name?: string;
  version?: string;
}

/** The reference to keep, with the version as given. Throws ValidationError with EC2's reason in it. */
export function checkTemplate(engine: Engine, request: TemplateRequest): TemplateReference {
  if ((request.id === undefined) === (request.name === undefined)) {
    throw invalid(
      'Valid requests must contain either launchTemplateId or LaunchTemplateName, and not both of them.',
    );
  }
  try {
    const { templateId, templateName } = resolveTemplate(engine, request);
    return { id: templateId, name: templateName, version: request.version ?? '$Default' };
  } catch (error) {
    if (error instanceof ServiceError)
      throw invalid(`You must use a valid fully-formed launch template. ${error.message}`);
    throw error;
  }
}

/** The version that a reference means at this moment. Throws EC2's errors when it is gone. */
export const currentVersion = (engine: Engine, { id, version }: TemplateReference): ResolvedTemplate =>
  resolveTemplate(engine, { id, version });

/** The same, or undefined where the template or the version is gone. */
export function findCurrentVersion(
  engine: Engine,
  reference: TemplateReference,
): ResolvedTemplate | undefined {
  try {
    return currentVersion(engine, reference);
  } catch (error) {
    if (error instanceof ServiceError) return undefined;
    throw error;
  }
}

export const isMoving = ({ version }: TemplateReference) => version === '$Latest' || version === '$Default';

/** Whether the template names its image by an SSM parameter: then nothing can be rolled back to it. */
export const hasImageParameter = (engine: Engine, reference: TemplateReference) =>
  (findCurrentVersion(engine, reference)?.data.ImageId ?? '').startsWith('resolve:ssm:');
