import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findReleases } from '../../src/image/releases.ts';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { TAG } from '../../src/run/tags.ts';
import { type BuildWorld, startBuildWorld, stepsOf } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'the candidate test' : `the candidate test (skipped: ${support.sentence})`;

const UNIT = `[Unit]
Description=answers
[Service]
ExecStart=/usr/bin/env node /opt/app/server.mjs
Restart=no
[Install]
WantedBy=multi-user.target
`;
const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => {
  response.statusCode = request.url === '/health' ? 200 : 404;
  response.end(JSON.stringify({ well: true }));
}).listen(18231, '127.0.0.1');
`;
const INSTALL = 'cp /opt/app/answers.service /etc/systemd/system/answers.service; systemctl enable answers';

/** An image with a service; \`text\` makes it another one. */
const image = (test: object, text = 'one') => ({
  layers: [
    {
      name: 'application',
      provisioners: [{ upload: 'app', to: '/opt/app' }, { inline: `${INSTALL}; echo ${text}` }],
    },
  ],
  test,
});

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('candidate');
    world.write('app/server.mjs', SERVER);
    world.write('app/answers.service', UNIT);
    world.write(
      'user-data.sh',
      '#!/bin/sh -e\necho "check is $BAKE_CHECK, release ${release}" >/run/seen\n[ "$BAKE_CHECK" = 1 ]\n',
    );
  });
  afterAll(() => world?.close());

  const releases = async () =>
    (await findReleases(world.cloud, world.project(image({})))).map(({ release }) => release);

  it('boots the image with user data in check mode, runs every kind of check, and ends the machine', async () => {
    const built = await world.build(
      image({
        userData: 'user-data.sh',
        timeout: '60s',
        checks: [
          { command: 'grep -qx "check is 1, release 1" /run/seen' },
          { service: 'answers' },
          { port: 18231 },
          { http: 'http://localhost:18231/health', contains: '"well":true' },
          { http: 'http://localhost:18231/other', status: 404 },
        ],
      }),
    );
    expect(built.error).toBeUndefined();
    expect(stepsOf(built).slice(-3)).toEqual(['candidate-launch', 'candidate', 'publish']);
    const checks = world.manifest().checklist.filter(({ check }) => check.startsWith('candidate: '));
    expect(checks.map(({ check }) => check)).toEqual([
      'candidate: user data',
      'candidate: grep -qx "check is 1, release 1" /run/seen',
      'candidate: service answers',
      'candidate: port 18231',
      'candidate: http://localhost:18231/health',
      'candidate: http://localhost:18231/other',
    ]);
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect((await world.leftovers(built.runId)).machines).toEqual([]);
    expect(await releases()).toEqual(['1']);
  });

  it('of an image that is not fit says which check failed and what the console had, and there is no image', async () => {
    const seen: string[][] = [];
    const built = await world.build(
      image(
        {
          userData: 'user-data.sh',
          timeout: '2s',
          checks: [{ command: 'true' }, { service: 'absent' }, { http: 'http://localhost:18231/no' }],
        },
        'unfit',
      ),
      {
        on(event) {
          if (event.type === 'step.started' && event.step === 'candidate')
            void releases().then((r) => seen.push(r));
        },
      },
    );
    expect(built.error?.message).toMatch(/failed its test: candidate: service absent: .*\(and 1 more\)/);
    expect(built.error?.details.join('\n')).toMatch(/no: status 404/);
    expect(built.error?.details.some((line) => line.startsWith('console: '))).toBe(true);
    expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: [] });
    expect(seen).toEqual([['1']]);
    expect(await releases()).toEqual(['1']);
  });

  it('tells failing user data at once, not when the time is over', async () => {
    world.write('bad.sh', '#!/bin/sh\nexit 7\n');
    const built = await world.build(image({ userData: 'bad.sh', timeout: '10m', checks: [] }, 'bad'));
    expect(built.error?.message).toContain('candidate: user data: ended with exit code 7');
    expect(await world.leftovers(built.runId)).toEqual({ machines: [], images: [] });
  });

  it('goes on with an image that an earlier run left untested, without building it again', async () => {
    const config = image({ checks: [{ service: 'answers' }] }, 'left');
    const first = await world.build(config, {
      on(event, abort) {
        if (event.type === 'step.started' && event.step === 'candidate-launch') abort();
      },
    });
    expect(first.error?.exitCode).toBe(130);
    expect((await world.leftovers(first.runId)).machines).toEqual([]);
    expect(await releases()).toEqual(['1']);
    const second = await world.build(config);
    expect(second.result).toMatchObject({ built: [] });
    expect(stepsOf(second)).toEqual(['plan', 'candidate-launch', 'candidate', 'publish']);
    const [made] = await world.cloud.images.find([second.result!.imageId]);
    expect(made!.tags).toMatchObject({ [TAG.run]: second.runId, [TAG.expires]: 'never' });
    expect(await releases()).toEqual([second.result!.release, '1']);
  });
});
