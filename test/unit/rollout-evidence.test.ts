import { describe, expect, it } from 'vitest';
import { readFailedUnits } from '../../src/upkeep/failed-units.ts';
import { readUserDataFailure } from '../../src/upkeep/user-data-failure.ts';

describe('evidence from an instance', () => {
  it('names the exit code of user data that failed, and its last words', () => {
    const console = [
      'Cloud-init v. 22.2.2 running modules:final',
      '+ systemctl restart worker',
      'Failed to restart worker.service: Unit not found.',
      '2026-11-21 08:00:00,000 - util.py[WARNING]: Failed running /var/lib/cloud/instance/scripts/part-001 [5]',
      'Cloud-init v. 22.2.2 finished',
    ].join('\n');
    expect(readUserDataFailure(console, 'i-1')[0]).toBe(
      'user data failed with exit code 5 on i-1: Failed to restart worker.service: Unit not found.',
    );
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
});
