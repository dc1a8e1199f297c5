import { describe, expect, it } from 'vitest';
import type { LaunchSettings } from '../../src/clouds/cloud.ts';
import { diffSettings, tagChanges } from '../../src/fleet/diff.ts';

const settings: LaunchSettings = {
  imageId: 'ami-1',
  instanceType: 't3.small',
  securityGroupIds: ['sg-1', 'sg-2'],
  monitoring: true,
  ebsOptimized: true,
  rootVolume: { device: '/dev/xvda', type: 'gp3', encrypted: true },
  userData: 'one\ntwo\n',
  tags: { a: '1', b: '2' },
};

describe('the difference of two launch templates', () => {
  it('is nothing when only orders and empty values differ', () => {
    const same: LaunchSettings = {
      ...settings,
      securityGroupIds: ['sg-2', 'sg-1'],
      tags: { b: '2', a: '1' },
      keyName: undefined,
      instanceProfile: '',
    };
    expect(diffSettings(settings, same)).toEqual([]);
  });

  it('names each value that changes, and never what user data says', () => {
    const want: LaunchSettings = {
      ...settings,
      instanceType: 't3.large',
      rootVolume: { device: '/dev/xvda', type: 'gp3', encrypted: true, sizeGiB: 30 },
      userData: 'one\nPASSWORD=x\n',
      tags: { a: '1', c: '3' },
    };
    const lines = diffSettings(settings, want);
    expect(lines).toEqual([
      'instance type t3.small → t3.large',
      'root volume size (GiB) none → 30',
      'user data (1 of 3 lines are new)',
      'tag c none → 3',
      'tag b removed',
    ]);
    expect(lines.join()).not.toContain('PASSWORD');
  });

  it('of tags on a group leaves tags of others alone', () => {
    expect(tagChanges({ 'aws:x': '1', a: '1' }, { a: '1' })).toEqual([]);
  });
});
