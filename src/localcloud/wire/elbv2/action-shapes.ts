import type { ActionRecord } from '../../engine/elb/records.ts';
import type { Input } from '../input.ts';
import { invalid } from './shapes.ts';

/** Throws ValidationError for actions that the local cloud does not have, and for what they lack. */
export function readActions(input: Input, name: string): ActionRecord[] {
  return input.objects(name).map((action) => {
    const type = action.require('Type');
    const order = action.int('Order');
    switch (type) {
      case 'forward':
        return { type, order, forward: readForward(action) };
      case 'fixed-response':
        return { type, order, fixedResponse: readFixed(need(action, 'FixedResponseConfig')) };
      case 'redirect':
        return { type, order, redirect: readRedirect(need(action, 'RedirectConfig')) };
      default:
        throw invalid(`The local cloud has the actions forward, fixed-response and redirect, not '${type}'`);
    }
  });
}

function readForward(action: Input): ActionRecord['forward'] {
  const config = action.object('ForwardConfig');
  const groups = (config?.objects('TargetGroups') ?? []).map((group) => ({
    arn: group.require('TargetGroupArn'),
    weight: group.int('Weight') ?? 1,
  }));
  const stickiness = config?.object('TargetGroupStickinessConfig');
  if (groups.length === 0) groups.push({ arn: action.require('TargetGroupArn'), weight: 1 });
  return {
    targetGroups: groups,
    stickiness: stickiness && {
      enabled: stickiness.bool('Enabled') ?? false,
      durationSeconds: stickiness.int('DurationSeconds'),
    },
  };
}

const readFixed = (config: Input): ActionRecord['fixedResponse'] => ({
  statusCode: config.require('StatusCode'),
  contentType: config.text('ContentType'),
  body: config.text('MessageBody'),
});

const readRedirect = (config: Input): ActionRecord['redirect'] => ({
  protocol: config.text('Protocol') ?? '#{protocol}',
  port: config.text('Port') ?? '#{port}',
  host: config.text('Host') ?? '#{host}',
  path: config.text('Path') ?? '/#{path}',
  query: config.text('Query') ?? '#{query}',
  statusCode: config.require('StatusCode'),
});

function need(input: Input, name: string): Input {
  const found = input.object(name);
  if (!found) throw invalid(`The request must contain the parameter ${name}`);
  return found;
}

export const viewAction = ({ type, order, forward, fixedResponse, redirect }: ActionRecord) => ({
  Type: type,
  Order: order,
  ...(forward && {
    ...(forward.targetGroups.length === 1 && { TargetGroupArn: forward.targetGroups[0]?.arn }),
    ForwardConfig: {
      TargetGroups: forward.targetGroups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
      TargetGroupStickinessConfig: {
        Enabled: forward.stickiness?.enabled ?? false,
        DurationSeconds: forward.stickiness?.durationSeconds,
      },
    },
  }),
  ...(fixedResponse && {
    FixedResponseConfig: {
      MessageBody: fixedResponse.body,
      StatusCode: fixedResponse.statusCode,
      ContentType: fixedResponse.contentType,
    },
  }),
  ...(redirect && {
    RedirectConfig: {
      Protocol: redirect.protocol,
      Port: redirect.port,
      Host: redirect.host,
      Path: redirect.path,
      Query: redirect.query,
      StatusCode: redirect.statusCode,
    },
  }),
});
