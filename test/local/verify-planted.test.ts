import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, startBuildWorld, stepsOf } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'a bake' : `a bake (skipped: ${support.sentence})`;

/** A file with a secret, written by a provisioner as a careless one would. */
const plant = (path: string, content: string) => ({
  layers: [
    {
      name: 'application',
      provisioners: [
        { inline: `mkdir -p "$(dirname ${path})"\ncat >${path} <<'PLANTED'\n${content}\nPLANTED\n` },
      ],
    },
  ],
});

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('planted');
  });
  afterAll(() => world?.close());

  it.each([
    ['an AWS key', '/opt/app/settings.py', `KEY = "AKIA${'IOSFODNN7TEST123'}"`, 'no AWS keys in files'],
    [
      'a private key',
      '/etc/app/server.pem',
      '-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIPlantedPlanted\n-----END EC PRIVATE KEY-----',
      'no private keys in files',
    ],
    [
      'a password in an environment file',
      '/etc/worker/environment',
      'QUEUE=jobs\nDATABASE_PASSWORD="planted-by-hand"',
      'no passwords in environment files',
    ],
    ['a shell history', '/opt/deploy/.bash_history', 'mysql -pplanted-by-hand', 'no shell histories'],
    ['a .env file', '/srv/app/.env', 'API_TOKEN=planted-by-hand', 'no secrets in .env files'],
    [
      'a token in a git remote',
      '/opt/app/.git/config',
      '[remote "origin"]\n  url = https://planted-by-hand@example.com/app.git',
      'no credentials in git remotes',
    ],
  ])(
    'is stopped before the snapshot by %s, named by path and never by value',
    async (_, path, content, check) => {
      const built = await world.build(plant(path, content));
      expect(built.error).toMatchObject({
        exitCode: 1,
        message: `the image failed verification: ${check}: ${path}`,
        details: [`${check}: ${path}`],
      });
      expect(stepsOf(built)).not.toContain('image');
      expect(JSON.stringify([built.error, built.events])).not.toMatch(
        /planted-by-hand|Planted|IOSFODNN7TEST/,
      );
      expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: [] });
    },
  );

  it('is not stopped by settings that only point at a secret', async () => {
    const settings = [
      'DB_PASSWORD_FILE=/run/secrets/database',
      'TOKEN=${TOKEN}',
      '# PASSWORD=commented',
      'SECRET_NAME=database',
      'PASSWORD=',
      'AWS_REGION=eu-central-1',
    ];
    const built = await world.build(plant('/etc/worker/environment', settings.join('\n')));
    expect(built.error).toBeUndefined();
  });
});
