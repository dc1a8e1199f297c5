import { once } from '../../../engine/ec2/client-tokens.ts';
import { type LaunchFields, launchEcs, launchSpec } from '../../../engine/ecs/launch.ts';
import { findEcsTemplate, findEcsVersion } from '../../../engine/ecs/templates.ts';
import type { Engine } from '../../../engine/engine.ts';
import { ServiceError } from '../../../engine/errors.ts';
import type { Input } from '../../input.ts';
import type { Operation } from '../../service.ts';
import { endDryRun } from './input.ts';
import { launchFields } from './launch-fields.ts';

/** ECS: an instance lives half an hour at least before it is released by itself. Milliseconds; the clocks may differ by a minute. */
const SHORTEST_LIFE = 29 * 60_000;

/** Source: ECS 2014-05-26, RunInstances. */
export const RunInstances: Operation = (input, { engine }) => {
  const amount = input.int('Amount') ?? 1;
  if (amount < 1 || amount > 100)
    throw new ServiceError('InvalidAmount.NotSupported', 'The specified Amount must be between 1 and 100.');
  const fields = { ...templateFields(engine, input), ...launchFields(input) };
  const releaseAt = releaseTime(engine, input);
  launchSpec(engine, fields);
  endDryRun(input);
  const { ClientToken: _, ...parameters } = input.values;
  const token = input.text('ClientToken');
  const InstanceIdSet = once(engine, 'ecs.RunInstances', token, parameters, () =>
    launchEcs(engine, fields, amount, releaseAt),
  );
  return { OrderId: '', TradePrice: 0, InstanceIdSets: { InstanceIdSet } };
};

/** What the launch template says; the request's own parameters go on top. */
function templateFields(engine: Engine, input: Input): LaunchFields {
  const [id, name] = [input.text('LaunchTemplateId'), input.text('LaunchTemplateName')];
  if (id === undefined && name === undefined) return {};
  const template = findEcsTemplate(engine, { id, name });
  return findEcsVersion(engine, template, input.text('LaunchTemplateVersion')).fields;
}

/** Throws InvalidAutoReleaseTime.Malformed, InvalidAutoReleaseTime.NotInRange. */
export function releaseTime(engine: Engine, input: Input): number | undefined {
  const text = input.text('AutoReleaseTime');
  if (text === undefined) return undefined;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text))
    throw new ServiceError(
      'InvalidAutoReleaseTime.Malformed',
      'The specified parameter "AutoReleaseTime" is not valid: yyyy-MM-ddTHH:mm:ssZ is expected.',
    );
  const at = Date.parse(text);
  if (at >= engine.clock.now() + SHORTEST_LIFE) return at;
  throw new ServiceError(
    'InvalidAutoReleaseTime.NotInRange',
    'The specified AutoReleaseTime must be at least half an hour from now.',
  );
}
