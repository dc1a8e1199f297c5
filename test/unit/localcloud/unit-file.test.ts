import { describe, expect, test } from 'vitest';
import {
  parseEnvironment,
  parseEnvironmentFile,
} from '../../../src/localcloud/sandbox/agent/units/environment.ts';
import { expandVariables, parseExecLine } from '../../../src/localcloud/sandbox/agent/units/exec-line.ts';
import { readServiceSettings } from '../../../src/localcloud/sandbox/agent/units/service-settings.ts';
import { expandSpecifiers, splitUnitName } from '../../../src/localcloud/sandbox/agent/units/specifiers.ts';
import { parseTimeSpan } from '../../../src/localcloud/sandbox/agent/units/time-span.ts';
import { UnitFile } from '../../../src/localcloud/sandbox/agent/units/unit-file.ts';
import { splitWords } from '../../../src/localcloud/sandbox/agent/units/words.ts';

describe('a unit file', () => {
  test('has sections, comments, continued lines, and settings that may come twice', () => {
    const file = new UnitFile().add(
      '# a comment\n[Unit]\nDescription = First  one\n; another\nAfter=a.service\nAfter=b.service c.service\n\n' +
        '[Service]\nExecStart=/bin/app \\\n# in between\n  --flag \\\n  value\nnonsense\n',
    );
    expect(file.last('Unit', 'Description')).toBe('First  one');
    expect(file.list('Unit', 'After')).toEqual(['a.service', 'b.service c.service']);
    expect(file.last('Service', 'ExecStart')?.split(/\s+/)).toEqual(['/bin/app', '--flag', 'value']);
    expect(file.last('Service', 'nonsense')).toBeUndefined();
  });

  test('forgets what came before an empty value, also in a drop-in', () => {
    const file = new UnitFile()
      .add('[Service]\nExecStart=/bin/a\n')
      .add('[Service]\nExecStart=\nExecStart=/bin/b\n');
    expect(file.list('Service', 'ExecStart')).toEqual(['/bin/b']);
  });
});

describe('words of a setting', () => {
  test.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['"a b" \'c d\'', ['a b', 'c d']],
    [`a  --b='c "d e" '`, ['a', '--b=c "d e" ']],
    ['"say \\"hi\\"" x\\x41\\n', ['say "hi"', 'xA\n']],
    ['""', ['']],
    ['  ', []],
  ])('%s are split as systemd splits them', (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});

describe('a command line', () => {
  test('may have prefixes in any order', () => {
    expect(parseExecLine('-+/bin/a b')).toMatchObject([
      { words: ['/bin/a', 'b'], ignoreFailure: true, privileged: true },
    ]);
    expect(parseExecLine('@/bin/sh mine -c')).toMatchObject([
      { words: ['/bin/sh', 'mine', '-c'], ownName: true },
    ]);
    expect(parseExecLine(':/bin/echo $A')).toMatchObject([{ literal: true }]);
  });

  test('is several where a semicolon stands alone', () => {
    expect(parseExecLine('/bin/a x ; /bin/b ";"').map(({ words }) => words)).toEqual([
      ['/bin/a', 'x'],
      ['/bin/b', ';'],
    ]);
  });

  test('takes variables inside words, and as whole words that are split', () => {
    const environment = { ONE: 'a b', EMPTY: '' };
    expect(
      expandVariables(['/bin/x', '${ONE}', '$ONE', '-${ONE}-', '$EMPTY', '${NONE}', '$$HOME'], environment),
    ).toEqual(['/bin/x', 'a b', 'a', 'b', '-a b-', '', '$HOME']);
  });
});

describe('environment', () => {
  test('comes from settings by words', () => {
    expect(parseEnvironment(['A=1 "B=two words"', "C='x' D", 'A=2'])).toEqual({
      A: '2',
      B: 'two words',
      C: 'x',
    });
  });

  test('comes from files line by line, quoted or not', () => {
    const text =
      '# c\n; c\nA=plain text\nB="two \\"words\\""\nC=\'$raw\'\n export=1\n D = spaced \nlong=a\\\nb\nnot a line\n';
    expect(parseEnvironmentFile(text)).toEqual({
      A: 'plain text',
      B: 'two "words"',
      C: '$raw',
      export: '1',
      D: 'spaced',
      long: 'ab',
    });
  });
});

describe('names', () => {
  test('of templates have an instance', () => {
    expect(splitUnitName('worker@blue-1.service')).toEqual({
      prefix: 'worker',
      instance: 'blue-1',
      suffix: '.service',
    });
    expect(splitUnitName('worker.service')).toEqual({ prefix: 'worker', instance: '', suffix: '.service' });
  });

  test('stand where specifiers are', () => {
    const text = '%n %N %p %i %I %H %t 100%% %Z';
    expect(expandSpecifiers(text, 'a@b-c.service', 'host.internal')).toBe(
      'a@b-c.service a@b-c a b-c b/c host.internal /run 100% %Z',
    );
  });
});

describe('time spans', () => {
  test.each([
    ['5', 5_000],
    ['1min 30s', 90_000],
    ['500ms', 500],
    ['1.5h', 5_400_000],
    ['infinity', Number.POSITIVE_INFINITY],
    ['soon', undefined],
    ['', undefined],
  ])('%s', (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });
});

describe('service settings', () => {
  const read = (text: string) =>
    readServiceSettings(new UnitFile().add(`[Service]\n${text}`), (value) => value);

  test('have systemd’s defaults', () => {
    expect(read('ExecStart=/bin/a')).toMatchObject({
      type: 'simple',
      restart: 'no',
      restartSec: 100,
      timeoutStart: 90_000,
      timeoutStop: 90_000,
      killSignal: 'SIGTERM',
      killMode: 'control-group',
      startLimit: { interval: 10_000, burst: 5 },
      umask: 0o022,
    });
    expect(read('Type=oneshot\nExecStart=/bin/a').timeoutStart).toBe(Number.POSITIVE_INFINITY);
  });

  test('take both spellings of time-outs and signals', () => {
    expect(read('ExecStart=/bin/a\nTimeoutSec=5\nTimeoutStopSec=7\nKillSignal=INT')).toMatchObject({
      timeoutStart: 5_000,
      timeoutStop: 7_000,
      killSignal: 'SIGINT',
    });
    expect(read('ExecStart=/bin/a\nTimeoutStartSec=0').timeoutStart).toBe(Number.POSITIVE_INFINITY);
  });

  test('are refused where systemd refuses them', () => {
    expect(() => read('User=x')).toThrow('Service has no ExecStart=');
    expect(() => read('ExecStart=/bin/a\nExecStart=/bin/b')).toThrow('more than one ExecStart=');
    expect(read('Type=oneshot\nExecStart=/bin/a\nExecStart=/bin/b').exec.Start).toHaveLength(2);
  });
});
