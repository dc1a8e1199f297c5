import type { Service } from '../service.ts';
import { CreateListener, DeleteListener, DescribeListeners, ModifyListener } from './listeners.ts';
import {
  CreateLoadBalancer,
  DeleteLoadBalancer,
  DescribeLoadBalancerAttributes,
  DescribeLoadBalancers,
  ModifyLoadBalancerAttributes,
  SetSecurityGroups,
  SetSubnets,
} from './load-balancers.ts';
import { CreateRule, DeleteRule, DescribeRules, ModifyRule, SetRulePriorities } from './rules.ts';
import { AddTags, DescribeTags, RemoveTags } from './tags.ts';
import {
  CreateTargetGroup,
  DeleteTargetGroup,
  DescribeTargetGroupAttributes,
  DescribeTargetGroups,
  ModifyTargetGroup,
  ModifyTargetGroupAttributes,
} from './target-groups.ts';
import { DeregisterTargets, DescribeTargetHealth, RegisterTargets } from './targets.ts';

/** Elastic Load Balancing, version 2015-12-01: application and network load balancers. */
export const loadBalancingService = (): Service => ({
  signingName: 'elasticloadbalancing',
  form: {
    dialect: 'query',
    xmlns: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/',
    operations: {
      AddTags,
      CreateListener,
      CreateLoadBalancer,
      CreateRule,
      CreateTargetGroup,
      DeleteListener,
      DeleteLoadBalancer,
      DeleteRule,
      DeleteTargetGroup,
      DeregisterTargets,
      DescribeListeners,
      DescribeLoadBalancerAttributes,
      DescribeLoadBalancers,
      DescribeRules,
      DescribeTags,
      DescribeTargetGroupAttributes,
      DescribeTargetGroups,
      DescribeTargetHealth,
      ModifyListener,
      ModifyLoadBalancerAttributes,
      ModifyRule,
      ModifyTargetGroup,
      ModifyTargetGroupAttributes,
      RegisterTargets,
      RemoveTags,
      SetRulePriorities,
      SetSecurityGroups,
      SetSubnets,
    },
  },
});
