import { expect, it } from 'vitest';
import { findTargetGroup } from '../../../src/localcloud/engine/elb/targets.ts';
import { startCloud } from '../../helpers/cloud.ts';

it('a target group that is not there has its own error', async () => {
  const cloud = await startCloud();
  expect(() => findTargetGroup(cloud.engine, 'arn:x')).toThrow(/not found/);
  await cloud.close();
});
