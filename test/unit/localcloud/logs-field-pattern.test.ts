import { describe, expect, it } from 'vitest';
import { parseFilterPattern } from '../../../src/localcloud/engine/logs/filter-pattern.ts';

const ACCESS = '127.0.0.1 - frank [10/Oct/2026:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

describe('a space-delimited pattern', () => {
  it.each([
    ['[ip, user, username, timestamp, request, status, bytes]', true],
    ['[ip, user, username, timestamp, request, status]', false],
    ['[ip, user, username, timestamp, request=*html*, status=4*, bytes>1000]', true],
    ['[ip, user, username, timestamp, request, status=2*, bytes]', false],
    ['[..., status=404, bytes]', true],
    ['[..., bytes>1534]', false],
    ['[..., bytes>=1534]', true],
    ['[ip=127.*, ...]', true],
    ['[ip, ..., status=404 || status=410, bytes]', true],
    ['[ip, ..., (status=404 || status=410) && status!=404, bytes]', false],
    ['[ip, user, username != frank, ...]', false],
    ['[ip, ..., request="GET /index.html HTTP/1.0", status, bytes]', true],
    ['[ip=%127\\.0\\.0\\.[0-9]{1,3}%, ...]', true],
    ['[, , , , , status=404, ]', true],
    ['[ip, ..., status<abc, bytes]', undefined],
    ['[a, ..., b, ...]', undefined],
    ['[a = ]', undefined],
    ['[a', undefined],
    ['[a && b]', undefined],
  ])('%s', (pattern, matches) => {
    if (matches === undefined)
      expect(() => parseFilterPattern(pattern)).toThrow(
        expect.objectContaining({ code: 'InvalidParameterException' }),
      );
    else expect(parseFilterPattern(pattern)(ACCESS)).toBe(matches);
  });
});
