import type { TargetGroupRecord, TargetRecord } from '../../engine/elb/records.ts';
import {
  deregister,
  findTargetGroup,
  healthOf,
  register,
  type TargetRequest,
  targetsOf,
} from '../../engine/elb/targets.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Input } from '../input.ts';
import type { Operation } from '../service.ts';

export const RegisterTargets: Operation = (input, { engine }) =>
  register(engine, input.require('TargetGroupArn'), readTargets(input));

export const DeregisterTargets: Operation = (input, { engine }) =>
  deregister(engine, input.require('TargetGroupArn'), readTargets(input));

/** A target that was asked for by name and is not registered is unused, with its own reason. */
export const DescribeTargetHealth: Operation = (input, { engine }) => {
  const group = findTargetGroup(engine, input.require('TargetGroupArn'));
  const registered = targetsOf(engine, group.arn);
  const asked = readTargets(input);
  if (asked.length === 0)
    return { TargetHealthDescriptions: registered.map((target) => view(engine, group, target)) };
  return {
    TargetHealthDescriptions: asked.flatMap((request) => {
      const port = request.port ?? group.port;
      const target = registered.find((one) => one.id === request.id && one.port === port);
      return target ? view(engine, group, target) : viewUnregistered(request.id, port);
    }),
  };
};

const readTargets = (input: Input): TargetRequest[] =>
  input.objects('Targets').map((target) => ({ id: target.require('Id'), port: target.int('Port') }));

function view(engine: Engine, group: TargetGroupRecord, target: TargetRecord) {
  const { state, reason, description } = healthOf(engine, target);
  const { port } = group.healthCheck;
  return {
    Target: { Id: target.id, Port: target.port },
    HealthCheckPort: port === 'traffic-port' ? String(target.port) : port,
    TargetHealth: { State: state, Reason: reason, Description: description },
  };
}

const viewUnregistered = (Id: string, Port: number) => ({
  Target: { Id, Port },
  TargetHealth: {
    State: 'unused',
    Reason: 'Target.NotRegistered',
    Description: 'Target is not registered to the target group',
  },
});
