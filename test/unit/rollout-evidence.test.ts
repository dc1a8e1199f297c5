import { describe, expect, it } from 'vitest';
import { mergeEvidence } from '../../src/upkeep/evidence.ts';
import { readFailedUnits } from '../../src/upkeep/failed-units.ts';
import { readUserDataFailure } from '../../src/upkeep/user-data-failure.ts';

describe('evidence from an instance', () => {
  it('names the exit code of user data that failed, and its last words', () => {
    const console = [
      'ci-info: something before',
      'Cloud-init v. 22.2.2 running modules:final',
      '+ systemctl restart worker',
      'Failed to restart worker.service: Unit not found.',
      '2026-11-21 08:00:00,000 - util.py[WARNING]: Failed running /var/lib/cloud/instance/scripts/part-001 [5]',
      'Cloud-init v. 22.2.2 finished',
    ].join('\n');
    expect(readUserDataFailure(console, 'i-1')).toEqual([
      'user data failed with exit code 5 on i-1: Failed to restart worker.service: Unit not found.',
      'i-1 user data: + systemctl restart worker',
    ]);
    expect(readUserDataFailure('user data ended with exit code 0\n', 'i-1')).toEqual([]);
  });

  it('names services that keep failing, with the line that says why', () => {
    const output = [
      'unit worker.service',
      'node:internal/modules/cjs/loader:1146',
      "Error: Cannot find module 'express'",
      '    at Module._resolveFilename',
      'worker.service: Main process exited, code=exited, status=1/FAILURE',
      'unit other.service',
    ].join('\n');
    const lines = readFailedUnits(output, 'i-1');
    expect(lines[0]).toBe("worker.service keeps failing on i-1: Error: Cannot find module 'express'");
    expect(lines).toContain('other.service keeps failing on i-1');
    expect(readFailedUnits('', 'i-1')).toEqual([]);
  });

  it('says the same of several instances once', () => {
    const lines = ['user data failed on i-1: no', 'user data failed on i-2: no', 'i-1: x', 'i-1: x', 'other'];
    expect(mergeEvidence(lines, ['i-1', 'i-2'])).toEqual([
      'user data failed on i-1: no (also on i-2)',
      'i-1: x',
      'other',
    ]);
  });
});
