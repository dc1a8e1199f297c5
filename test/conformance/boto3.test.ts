import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { execute } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { ownCloud } from '../helpers/own-cloud.ts';

/** The python on PATH and the system's own: their generations of boto3 differ, in SQS's protocol too. */
const pythons = ['python3', '/usr/bin/python3'].filter((python) => installed(python, '-c', 'import boto3'));
const script = (name: string) => fileURLToPath(new URL(`boto3/${name}.py`, import.meta.url));

describe.skipIf(pythons.length > 0)('boto3', () => {
  test.skip('is not installed here: nothing was checked', () => {});
});

describe.each(pythons)('boto3 of %s, unmodified', (python) => {
  const { environment } = ownCloud('boto3', '--speed', '20', '--runtime', 'none');

  test.each([
    ['waits with its waiters, pages with its paginators, and knows the errors', 'scenario'],
    ['knows every part of the answers, and misses none', 'walk'],
  ])('%s', async (_, name) => {
    const env = { ...environment, PYTHONDONTWRITEBYTECODE: '1' };
    const ended = await execute(python, [script(name)], { env });
    expect(ended.code, ended.stdout + ended.stderr).toBe(0);
    expect(ended.stdout).toBe('done\n');
  });
});
