import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LARGEST_USER_DATA } from '../../src/clouds/limits.ts';
import { userDataOf } from '../../src/image/user-data.ts';
import { partsOf } from '../../src/localcloud/sandbox/agent/user-data-parts.ts';

const LARGEST = LARGEST_USER_DATA.aws;

const script = fc
  .string({ unit: fc.constantFrom('a', '\n', '=', '-', ' ', 'é', '==bake==') })
  .map((text) => `#!/bin/sh\n${text}\n`);

describe('the user data of a machine', () => {
  it('with nothing but the dead man’s switch is one boothook, which runs at every boot', () => {
    expect(userDataOf('#!/bin/sh\nswitch\n', '', LARGEST)).toBe('#cloud-boothook\n#!/bin/sh\nswitch\n');
  });

  it('holds a script for every boot and one for the first, whatever is in them', () => {
    fc.assert(
      fc.property(script, script, (hook, first) => {
        const { parts, unknown } = partsOf(userDataOf(hook, first, LARGEST));
        expect(unknown).toEqual([]);
        expect(parts).toEqual([
          { kind: 'boothook', text: hook },
          { kind: 'script', text: first },
        ]);
      }),
    );
  });

  it('is refused when it is too long, before anything is launched', () => {
    expect(() => userDataOf('', `#!/bin/sh\n${'x'.repeat(LARGEST)}`, LARGEST)).toThrow(/at most 16384/);
  });
});
