import { totalmem } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  describeExit,
  type Exit,
  restarts,
  resultOf,
} from '../../../src/localcloud/sandbox/agent/services/outcome.ts';
import { readServiceSettings } from '../../../src/localcloud/sandbox/agent/units/service-settings.ts';
import { UnitFile } from '../../../src/localcloud/sandbox/agent/units/unit-file.ts';

const settings = (text: string) =>
  readServiceSettings(new UnitFile().add(`[Service]\nExecStart=/bin/a\n${text}`), (value) => value);
const code = (number: number): Exit => ({ code: number, signal: null });
const signal = (name: NodeJS.Signals): Exit => ({ code: null, signal: name });

describe('the end of a service', () => {
  test.each([
    [code(0), '', 'success'],
    [code(1), '', 'exit-code'],
    [code(143), 'SuccessExitStatus=143', 'success'],
    [signal('SIGTERM'), '', 'success'],
    [signal('SIGKILL'), '', 'signal'],
    [signal('SIGKILL'), 'SuccessExitStatus=SIGKILL', 'success'],
    [signal('SIGSEGV'), '', 'core-dump'],
  ])('%j with "%s" is %s', (exit, text, result) => {
    expect(resultOf(exit, settings(text))).toBe(result);
  });

  // systemd.service(5), table "Exit causes and the effect of the Restart= settings".
  test.each([
    ['no', [false, false, false, false]],
    ['always', [true, true, true, true]],
    ['on-success', [true, false, false, false]],
    ['on-failure', [false, true, true, true]],
    ['on-abnormal', [false, false, true, true]],
    ['on-abort', [false, false, true, false]],
  ])('Restart=%s restarts after success, exit code, signal, time-out: %j', (policy, expected) => {
    const given = settings(`Restart=${policy}`);
    const outcomes = (['success', 'exit-code', 'signal', 'timeout'] as const).map((result) =>
      restarts(given, result, code(1)),
    );
    expect(outcomes).toEqual(expected);
  });

  test('is final with a status that prevents the restart', () => {
    const given = settings('Restart=always\nRestartPreventExitStatus=3 TERM');
    expect(restarts(given, 'exit-code', code(3))).toBe(false);
    expect(restarts(given, 'success', signal('SIGTERM'))).toBe(false);
    expect(restarts(given, 'exit-code', code(4))).toBe(true);
  });

  test('for lack of memory is abnormal', () => {
    const outcomes = ['on-failure', 'on-abnormal', 'on-abort', 'no'].map((policy) =>
      restarts(settings(`Restart=${policy}`), 'oom-kill', signal('SIGKILL')),
    );
    expect(outcomes).toEqual([true, true, false, false]);
  });

  test('comes at a limit of memory that is written in bytes, in multiples of 1024, or not at all', () => {
    const limit = (text: string) => settings(`MemoryMax=${text}`).memoryMax;
    expect([limit('65536'), limit('64K'), limit('1.5M'), limit('infinity'), limit('many')]).toEqual([
      65_536,
      65_536,
      1_572_864,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(limit('50%')).toBeCloseTo(totalmem() / 2, -3);
  });

  test('is described as systemd does', () => {
    expect(describeExit(code(1))).toBe('code=exited, status=1/FAILURE');
    expect(describeExit(signal('SIGKILL'))).toBe('code=killed, status=9/KILL');
  });
});
