import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { shippedNames, shippedScript } from '../../src/config/shipped.ts';
import { secretLines } from '../../src/image/secret-lines.ts';
import { execute } from '../helpers/cli.ts';

const directory = fileURLToPath(new URL('../../provisioners', import.meta.url));

test('a shipped script keeps its line numbers, whatever it sources', () => {
  for (const name of shippedNames()) {
    const written = readFileSync(join(directory, `${name}.sh`), 'utf8').split('\n');
    const shipped = shippedScript(name).split('\n');
    expect(shipped).toHaveLength(written.length);
    const changed = written.flatMap((line, index) => (line === shipped[index] ? [] : [line]));
    expect(changed.every((line) => line.startsWith('source "$(dirname'))).toBe(true);
  }
});

test('a shipped script needs no other file', () => {
  for (const name of shippedNames()) expect(shippedScript(name)).not.toMatch(/^source /m);
});

test('every variable that a shipped script reads is documented at its top', () => {
  // The library's own, and what verification and clean-up are handed.
  const known =
    /^(BAKE_\w+|PACKAGER|DISTRIBUTION|DEVELOPMENT_TOOLS|CONTAINERS|SOURCE|FINGERPRINT|HOME_DIRECTORY|PYTHONDONTWRITEBYTECODE|PIP_\w+)$/;
  for (const name of shippedNames()) {
    const text = readFileSync(join(directory, `${name}.sh`), 'utf8');
    const head = text.slice(0, text.indexOf('set -euo pipefail'));
    const read = [...text.matchAll(/\$\{?([A-Z][A-Z_]+)/g)].map((match) => match[1]!);
    const silent = [...new Set(read)].filter((variable) => !known.test(variable) && !head.includes(variable));
    expect(silent, name).toEqual([]);
  }
});

test('the shipped scripts pass shellcheck', async ({ skip }) => {
  const libraries = readdirSync(join(directory, 'lib')).map((file) => join(directory, 'lib', file));
  const scripts = shippedNames().map((name) => join(directory, `${name}.sh`));
  const found = await execute('sh', ['-c', 'command -v shellcheck']);
  if (found.code !== 0) skip('shellcheck is not installed');
  expect((await execute('shellcheck', [...scripts, ...libraries])).stdout).toBe('');
});

const layer = (secrets: Record<string, string>) => ({
  name: 'application',
  fingerprint: '',
  inputs: {},
  build: true,
  again: false,
  reason: '',
  layer: {
    name: 'application',
    cache: true,
    provisioners: [
      {
        kind: 'inline' as const,
        name: 'inline',
        label: 'inline',
        content: '',
        arguments: [],
        environment: {},
        secrets,
        timeout: 1,
        retries: 0,
      },
    ],
  },
});

test('a secret is searched for as it is and as it stands in URLs and in base64 of anything longer', () => {
  const secret = 'p@ss/word+1234';
  const texts = secretLines([layer({ PASSWORD: secret })]).map((line) => line.trimEnd().split('\t')[1]!);
  expect(texts).toContain(secret);
  expect(texts).toContain(encodeURIComponent(secret));
  for (const user of ['', 'u:', 'me:', 'someone:', 'somebody:']) {
    const header = Buffer.from(`${user}${secret} and more`).toString('base64');
    expect(
      texts.some((text) => header.includes(text)),
      user,
    ).toBe(true);
  }
});

test('of a key with several lines the armour is not searched for, and nothing that is too short to mean anything', () => {
  const key = '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\nabc\n-----END PRIVATE KEY-----\n';
  const lines = secretLines([layer({ KEY: key, PIN: '1234' })]);
  expect(lines).toContain('KEY\tMC4CAQAwBQYDK2Vw\n');
  expect(lines.filter((line) => /-----|\tabc\n|PIN/.test(line))).toEqual([]);
});
