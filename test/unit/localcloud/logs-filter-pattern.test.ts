import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../src/localcloud/engine/errors.ts';
import { parseFilterPattern } from '../../../src/localcloud/engine/logs/filter-pattern.ts';

const matches = (pattern: string, message: string) => parseFilterPattern(pattern)(message);

describe('filter patterns of terms', () => {
  // Patterns and messages from the user guide of CloudWatch Logs, "Filter pattern syntax".
  const messages = [
    '[ERROR 400] BAD REQUEST',
    '[ERROR 401] UNAUTHORIZED REQUEST',
    '[ERROR 419] MISSING ARGUMENTS',
    '[ERROR 500] INTERNAL SERVER ERROR',
    '[INFO 200] SUCCESSFUL REQUEST',
  ];
  it.each([
    ['', [0, 1, 2, 3, 4]],
    ['" "', [0, 1, 2, 3, 4]],
    ['ERROR', [0, 1, 2, 3]],
    ['error', []],
    ['ERROR ARGUMENTS', [2]],
    ['?ARGUMENTS ?INFO', [2, 4]],
    ['ERROR -REQUEST', [2, 3]],
    ['-ERROR', [4]],
    ['"INTERNAL SERVER ERROR"', [3]],
    ['-"INTERNAL SERVER ERROR" ERROR', [0, 1, 2]],
    ['?ERROR ?ARGUMENTS REQUEST', [0, 1, 4]],
    ['%ERROR 4[0-9]{2}%', 'refused'],
    ['%4[0-9]{2}%', [0, 1, 2]],
    ['%AUTHORIZED% -BAD', [1]],
    ['%^.ERROR\\s5%', [3]],
  ])('%s', (pattern, expected) => {
    if (expected === 'refused') return expect(() => parseFilterPattern(pattern)).toThrow(ServiceError);
    const found = messages.flatMap((message, at) => (matches(pattern, message) ? [at] : []));
    expect(found).toEqual(expected);
  });

  it('a term also matches within a longer word, as it does on AWS', () => {
    expect(matches('ERROR', '{"ERROR_COUNT":0}')).toBe(true);
  });

  it('terms of other characters must stand in quotes, where a backslash escapes', () => {
    expect(() => parseFilterPattern('level:error')).toThrow("Invalid character(s) in term ':'");
    expect(matches('"level:\\"error\\""', 'x level:"error"')).toBe(true);
  });
});

describe('filter patterns of JSON', () => {
  const event = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    ThisFlag: true,
    latency: 12.5,
    status: 404,
    'detail-type': 'x',
    'cluster.name': 'c',
    user: { id: 1, email: 'John.Stiles@example.com' },
    coordinates: [[0, 1, 2]],
    level: 'ERROR',
  });
  it.each([
    ['{ $.eventType = "UpdateTrail" }', true],
    ['{ $.eventType = UpdateTrail }', true],
    ['{ $.eventType = "updateTrail" }', false],
    ['{ $.eventType = "Update*" }', true],
    ['{ $.eventType = %Trail% }', true],
    ['{ $.eventType != %Trail% }', false],
    ['{ $.sourceIPAddress != 123.123.* }', true],
    ['{ $.arrayKey[0] = "value" }', true],
    ['{ $.arrayKey[*] = %val.{2}% }', true],
    ['{ $.arrayKey = "value" }', false],
    ['{ $.objectList[1].id = 2 }', true],
    ['{ $.objectList[*].id = 3 }', false],
    ['{ $.* = %111\\.111\\.111\\.1[0-9]{1,2}% }', true],
    ['{ $.[\'cluster.name\'] = "c" }', true],
    ['{ $.detail-type = "x" }', true],
    ['{ $.SomeObject IS NULL }', true],
    ['{ $.eventType IS NULL }', false],
    ['{ $.ThisFlag IS TRUE }', true],
    ['{ $.ThisFlag IS FALSE }', false],
    ['{ $.SomeOtherObject NOT EXISTS }', true],
    ['{ $.SomeObject NOT EXISTS }', false],
    ['{ $.latency > 12 && $.latency <= 12.5 }', true],
    ['{ $.latency < 1e1 }', false],
    ['{ $.status = 404 }', true],
    ['{ $.status = 4* }', true],
    ['{ $.missing != "x" }', false],
    ['{ $.coordinates[0][1] = 1 }', true],
    ['{ ($.user.id = 1) && ($.objectList[0].name = "a") }', true],
    ['{ $.user.id = 1 || $.status = 1 && $.status = 2 }', true],
    ['{ ($.user.id = 1 || $.status = 1) && $.status = 2 }', false],
    ['{$.level="ERROR"}', true],
  ])('%s', (pattern, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it('a message that is not JSON does not match', () => {
    for (const message of ['plain', '{ broken', '[1]', 'null', '{"a":1} trailing'])
      expect(matches('{ $.a NOT EXISTS }', message)).toBe(false);
  });

  it.each([
    '{ $.a = 1',
    '{ }',
    '{ $.a }',
    '{ $.a EXISTS }',
    '{ $.a = }',
    '{ $.a > x }',
    '{ ($.a = 1 }',
    '{ $.a = 1 && }',
    '{ a = 1 }',
    '{ $."a" = 1 }',
    '{ $.a = %x% && $.b = %y% && $.c = %z% }',
    '%(a)%',
    '%[%',
    '"open',
    'x'.repeat(1_025),
  ])('%s is refused', (pattern) => {
    expect(() => parseFilterPattern(pattern)).toThrow(ServiceError);
  });
});

it('any text is a pattern or is refused as one, and a quoted text finds itself', () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}$.=<>!&|()[]"%\\?- aE1*'), maxLength: 30 });
  fc.assert(
    fc.property(text, text, (pattern, message) => {
      try {
        parseFilterPattern(pattern)(message);
      } catch (error) {
        expect(error).toBeInstanceOf(ServiceError);
      }
      const quoted = `"${pattern.replace(/["\\]/g, '\\$&')}"`;
      expect(matches(quoted, `before ${pattern} after`)).toBe(true);
    }),
    { numRuns: 500 },
  );
});
