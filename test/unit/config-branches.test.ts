import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { BakeError } from '../../src/run/errors.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bake-branches-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const VALID = `project: shop
image: { base: { id: ami-1 }, layers: [{ name: app, provisioners: [{ inline: 'true' }] }] }
branches:
  main: staging
  release: default
  feature/*: preview
  'to-*-now': '*'
environments:
  staging: {}
  preview: {}
  production: {}
`;

const environmentOn = (branch: string, text = VALID, more: { environment?: string } = {}): string => {
  writeFileSync(join(directory, 'bake.yaml'), text);
  const variables = { GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: branch };
  return loadProject({ directory, variables, ...more }).environment;
};

describe('without -e the environment is the one of the branch', () => {
  test.each([
    ['main', 'staging'],
    ['release', 'default'],
    ['feature/a/b', 'preview'],
    ['to-production-now', 'production'],
    ['deployment/production', 'production'],
    ['deployment/elsewhere', 'default'],
    ['mainly', 'default'],
  ])('%s: %s', (branch, environment) => {
    expect(environmentOn(branch)).toBe(environment);
  });

  test('-e is stronger, and -e default is none', () => {
    expect(environmentOn('main', VALID, { environment: 'production' })).toBe('production');
    expect(environmentOn('main', VALID, { environment: 'default' })).toBe('default');
  });

  test('the branches of release pull requests may be called otherwise', () => {
    const text = `${VALID}release: { branch: 'live-{environment}' }\n`;
    expect(environmentOn('live-production', text)).toBe('production');
    expect(environmentOn('deployment/production', text)).toBe('default');
  });

  test('of a checkout it is the branch that is checked out, of a tag and of a pull request none', () => {
    writeFileSync(join(directory, 'bake.yaml'), VALID);
    const load = (variables: Record<string, string>) => loadProject({ directory, variables }).environment;
    expect(load({})).toBe('default');
    execFileSync('git', ['init', '--quiet', '--initial-branch', 'main'], { cwd: directory });
    expect(load({})).toBe('staging');
    expect(load({ GITHUB_REF_TYPE: 'tag', GITHUB_REF_NAME: 'main' })).toBe('default');
    expect(load({ GITHUB_REF_TYPE: 'branch', GITHUB_REF_NAME: '12/merge' })).toBe('default');
  });
});

test('an environment that is not there is told at its place, whatever the branch', () => {
  const text = VALID.replace('main: staging', 'main: stagin').replace("'to-*-now': '*'", "fixed: '*'");
  const problems = () => {
    try {
      environmentOn('elsewhere', text);
    } catch (error) {
      if (error instanceof BakeError) return [error.message, ...error.details];
    }
    return [];
  };
  expect(problems()).toEqual([
    'bake.yaml:4:9: branches.main: no environment "stagin", did you mean "staging"?',
    'bake.yaml:7:10: branches.fixed: there is no * in the branch',
  ]);
});
