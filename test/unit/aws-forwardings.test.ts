import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, test } from 'vitest';
import { toForwarding, weightsOf, withWeights } from '../../src/clouds/aws/forwardings.ts';

const BLUE = 'arn:blue';
const GREEN = 'arn:green';

const oidc = {
  Issuer: 'https://id.example',
  AuthorizationEndpoint: 'https://id.example/a',
  TokenEndpoint: 'https://id.example/t',
  UserInfoEndpoint: 'https://id.example/u',
  ClientId: 'web',
  SessionTimeout: 600,
};
const signIn: Action = { Type: 'authenticate-oidc', Order: 1, AuthenticateOidcConfig: oidc };

test('an action that names its one target group by itself is sent back as a list alone', () => {
  const actions: Action[] = [{ Type: 'forward', TargetGroupArn: BLUE }];
  expect(weightsOf(actions)).toEqual([{ targetGroup: BLUE, weight: 1 }]);
  expect(withWeights(actions, [{ targetGroup: GREEN, weight: 3 }])).toEqual([
    {
      Type: 'forward',
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: BLUE, Weight: 1 },
          { TargetGroupArn: GREEN, Weight: 3 },
        ],
      },
    },
  ]);
});

test('who has to sign in still has to: order and settings stay, and the secret that no answer holds is kept by word', () => {
  const ForwardConfig = {
    TargetGroups: [{ TargetGroupArn: BLUE, Weight: 100 }],
    TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 60 },
  };
  const forward: Action = { Type: 'forward', Order: 2, TargetGroupArn: BLUE, ForwardConfig };
  expect(withWeights([signIn, forward], [{ targetGroup: BLUE, weight: 0 }])).toEqual([
    {
      Type: 'authenticate-oidc',
      Order: 1,
      AuthenticateOidcConfig: { ...oidc, UseExistingClientSecret: true },
    },
    {
      Type: 'forward',
      Order: 2,
      ForwardConfig: { ...ForwardConfig, TargetGroups: [{ TargetGroupArn: BLUE, Weight: 0 }] },
    },
  ]);
});

test('an action that sends to nobody has no weights', () => {
  const actions: Action[] = [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301' } }];
  const route = {
    balancer: {},
    listener: { ListenerArn: 'arn:l', Protocol: 'HTTP' as const, Port: 80 },
    actions,
  };
  expect(toForwarding(route)).toEqual({ id: 'arn:l', name: 'listener HTTP:80', weights: [], sticky: 0 });
});
