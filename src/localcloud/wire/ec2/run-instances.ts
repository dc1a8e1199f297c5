import { possibleCount } from '../../engine/ec2/capacity.ts';
import { once } from '../../engine/ec2/client-tokens.ts';
import { type InstanceRecord, instances, runInstances } from '../../engine/ec2/instances.ts';
import type { LaunchSpec } from '../../engine/ec2/launch-spec.ts';
import type { LaunchTemplateData } from '../../engine/ec2/launch-template-data.ts';
import { launchSpecOf, resolveTemplate } from '../../engine/ec2/launch-templates.ts';
import { placement } from '../../engine/ec2/network.ts';
import type { Engine } from '../../engine/engine.ts';
import { ServiceError } from '../../engine/errors.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';
import { reservationView } from './instance-view.ts';
import { LAUNCH_TEMPLATE_DATA } from './launch-members.ts';
import { readMembers } from './members.ts';
import { tagSpecifications } from './tag-wire.ts';

/** What one account may ask for at once; keeps a slip of the keyboard from filling the machine. */
const MOST_INSTANCES = 1_000;

const RunInstances: Operation = (input, { engine }) => {
  const least = Number(input.require('MinCount') && input.int('MinCount'));
  const most = Number(input.require('MaxCount') && input.int('MaxCount'));
  if (least < 1 || most < least) {
    throw new ServiceError(
      'InvalidParameterValue',
      `Value (${most}) for parameter maxCount is invalid: minCount is ${least}.`,
    );
  }
  if (most > MOST_INSTANCES) {
    throw new ServiceError(
      'InstanceLimitExceeded',
      `You have requested more instances (${most}) than your current limit of ${MOST_INSTANCES} allows.`,
    );
  }
  const token = input.text('ClientToken');
  const { ClientToken: _token, ...parameters } = input.values;
  const ids = once(engine, 'RunInstances', token, parameters, () => {
    const spec = { ...launchSpec(engine, input), clientToken: token };
    const { subnetId, zone } = placement(engine, spec, least);
    const count = Math.max(least, possibleCount(engine, spec.instanceType, zone, most));
    return runInstances(engine, { ...spec, subnetId }, count).map(({ instanceId }) => instanceId);
  });
  const launched = ids.map((id) => stillThere(engine, id));
  return reservationView(engine, launched[0]?.reservationId ?? '', launched);
};

/** The request's own fields on top of its launch template's. */
function launchSpec(engine: Engine, input: Input): LaunchSpec {
  tagSpecifications(input);
  const own = readMembers(LAUNCH_TEMPLATE_DATA, input) as LaunchTemplateData;
  const reference = input.object('LaunchTemplate');
  const template = reference
    ? resolveTemplate(engine, {
        id: reference.text('LaunchTemplateId'),
        name: reference.text('LaunchTemplateName'),
        version: reference.text('Version'),
      })
    : undefined;
  const spec = launchSpecOf(engine, {
    ...template?.data,
    ...own,
    // The only member that adds up: both sets of tags are put on.
    TagSpecifications: [...(template?.data.TagSpecifications ?? []), ...(own.TagSpecifications ?? [])],
  });
  return {
    ...spec,
    subnetId: input.text('SubnetId') ?? spec.subnetId,
    launchTemplate: template && { id: template.templateId, version: template.version },
  };
}

function stillThere(engine: Engine, id: string): InstanceRecord {
  const instance = instances(engine).get(id);
  if (!instance || instance.state === 'terminated') {
    throw new ServiceError(
      'IdempotentInstanceTerminated',
      `The client token was used before, for instance ${id}, which has been terminated.`,
    );
  }
  return instance;
}

export const runOperations: Record<string, Operation> = { RunInstances };
