import { describe, expect, it } from 'vitest';
import type { FleetStatus } from '../../src/upkeep/status.ts';
import { statusHeadline, statusHints, statusLines } from '../../src/upkeep/status-text.ts';

const NOW = 10_000_000;
const instance = { lifecycle: 'InService', healthy: true, zone: 'eu-central-1a', launchedAt: NOW - 90_000 };
const status: FleetStatus = {
  group: 'workers',
  desired: 2,
  min: 1,
  max: 4,
  template: { name: 'workers', version: 2, release: '2' },
  verified: { release: '2', version: 2 },
  suspendedProcesses: [],
  instances: [
    { ...instance, id: 'i-00000000000000001', version: 2, release: '2', straggler: false },
    { ...instance, id: 'i-2', version: 1, release: '1', straggler: true },
  ],
  refresh: {
    id: 'r',
    active: false,
    state: 'successful',
    percent: 100,
    version: 2,
    startedAt: 1,
    endedAt: NOW - 60_000,
  },
  targets: [],
  unknown: [],
  queue: { name: 'jobs', visible: 1, inFlight: 2, delayed: 0, deadLetters: { name: 'dead', messages: 3 } },
};

describe('the status as text', () => {
  it('is an aligned table with the stragglers marked', () => {
    expect(statusLines(status, NOW)).toEqual([
      'scaling group workers: 2 instances wanted (1 to 4), launches version 2 of launch template workers (release 2)',
      'last verified: release 2 (version 2)',
      'last rollout to version 2: successful, 1 m ago',
      '',
      'INSTANCE             STATE      HEALTH   VERSION  RELEASE  ZONE           AGE',
      'i-00000000000000001  InService  healthy  2        2        eu-central-1a  1 m 30 s',
      'i-2                  InService  healthy  1        1        eu-central-1a  1 m 30 s  ← straggler',
      '',
      'queue jobs: 1 waiting, 2 in flight; dead letters in dead: 3',
    ]);
  });

  it('says in one sentence what is there, and what to do about it', () => {
    expect(statusHeadline(status)).toBe('workers: 2 of 2 instances in service (release 2), 1 straggler');
    expect(statusHints(status)[0]).toContain('bake rollout');
  });

  it('tells who works on the fleet, whether that process still lives, and what could not be read', () => {
    const lock = {
      owner: 'ann@laptop',
      command: 'rollout',
      since: NOW - 60_000,
      release: '3',
      phase: 'waiting',
    };
    const lines = (more: object) =>
      statusLines(
        { ...status, lock: { ...lock, expires: NOW + 1, strategy: 'blue-green', ...more } },
        NOW,
      )[2];
    expect(lines({})).toBe('lock: ann@laptop, `bake rollout` of release 3 (blue-green, waiting) for 1 m');
    expect(lines({ expires: NOW - 5_000 })).toContain('not renewed since 5 s: its process is gone');
    expect(lines({ left: NOW - 30_000 })).toMatch(/for 1 m; left 30 s ago$/);
    const unknown = [{ what: 'lock', why: 'bob is not allowed ssm:GetParameter' }];
    expect(statusLines({ ...status, unknown }, NOW).at(-1)).toBe(
      'lock: not known (bob is not allowed ssm:GetParameter)',
    );
  });
});
