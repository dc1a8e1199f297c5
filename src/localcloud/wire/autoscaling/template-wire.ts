import type { TemplateReference } from '../../engine/autoscaling/groups.ts';
import type { TemplateRequest } from '../../engine/autoscaling/templates.ts';
import type { Input } from '../input.ts';

export const readTemplate = (input: Input | undefined): TemplateRequest | undefined =>
  input && {
    id: input.text('LaunchTemplateId'),
    name: input.text('LaunchTemplateName'),
    version: input.text('Version'),
  };

/** AWS: LaunchTemplateSpecification. The version is text. */
export const viewTemplate = ({ id, name, version }: TemplateReference) => ({
  LaunchTemplateId: id,
  LaunchTemplateName: name,
  Version: version,
});
