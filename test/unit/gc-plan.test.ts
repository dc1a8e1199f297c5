import { describe, expect, it, test } from 'vitest';
import { TAG } from '../../src/run/tags.ts';
import { type GcRules, temporary, whyRemovable } from '../../src/upkeep/gc-plan.ts';

const HOUR = 3_600_000;
const now = Date.parse('2026-11-21T12:00:00Z');
const run = '20261121-090000-aaaaaa';
const rules = (more: Partial<GcRules> = {}): GcRules => ({ now, hasCrashed: () => false, ...more });

const machine = (expires: string | undefined, more: Record<string, string> = {}) =>
  temporary('instance', {
    id: 'i-1',
    tags: { [TAG.run]: run, ...(expires && { [TAG.expires]: expires }), ...more },
  });
const expiring = (hours: number) => machine(new Date(now + hours * HOUR).toISOString())!;

describe('what a run has left', () => {
  it('is not touched before it expires, for the run may be going on', () => {
    expect(whyRemovable(expiring(1), rules())).toBeUndefined();
    expect(whyRemovable(expiring(-1), rules())).toMatch(/expire 1 h ago/);
  });

  it('goes at once when its run is known to have crashed, or is named', () => {
    expect(whyRemovable(expiring(1), rules({ hasCrashed: (id) => id === run }))).toMatch(/crashed/);
    expect(whyRemovable(expiring(1), rules({ run }))).toMatch(/named/);
    expect(whyRemovable(expiring(-1), rules({ run: 'another' }))).toBeUndefined();
  });

  it('stays while its run began less long ago than was asked for', () => {
    expect(whyRemovable(expiring(-1), rules({ olderThan: 4 * HOUR }))).toBeUndefined();
    expect(whyRemovable(expiring(-1), rules({ olderThan: 2 * HOUR }))).toBeDefined();
  });
});

test('what has no expiry, became lasting, was published, or cannot be read is not temporary', () => {
  expect(machine(undefined)).toBeUndefined();
  expect(machine('never')).toBeUndefined();
  expect(machine('tomorrow')).toBeUndefined();
  expect(machine('2026-01-01T00:00:00Z', { [TAG.published]: '2026-01-01T00:00:00Z' })).toBeUndefined();
  expect(
    temporary('instance', { id: 'i-1', tags: { [TAG.expires]: '2026-01-01T00:00:00Z' } }),
  ).toBeUndefined();
  expect(machine('2026-01-01T00:00:00Z', { Name: 'demo-builder' })).toMatchObject({
    run,
    name: 'demo-builder',
  });
});
