import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, outputOf, startBuildWorld, stepsOf } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'a build that fails' : `a build that fails (skipped: ${support.sentence})`;

const NOTHING = { machines: [], images: [] };
const one = (...provisioners: unknown[]) => ({ layers: [{ name: 'application', provisioners }] });

describe.skipIf(!support.ok).sequential(suite, () => {
  let world: BuildWorld;
  beforeAll(async () => {
    world = await startBuildWorld('failures');
  });
  afterAll(() => world?.close());

  it('names script, line, command and exit code, shows the last output, and leaves nothing', async () => {
    world.write(
      'provisioners/app.sh',
      'set -e\necho preparing\nadd() {\n  useradd root\n}\nadd\necho never\n',
    );
    const built = await world.build(one({ script: 'provisioners/app.sh' }));
    expect(built.error).toMatchObject({
      exitCode: 1,
      message: 'provisioners/app.sh line 4: command `useradd root` failed with exit code 9',
      details: ['preparing', "useradd: user 'root' already exists"],
    });
    expect(await world.leftovers(built.runId)).toEqual(NOTHING);
  });

  it('keeps the image of the layer below, so that the next try starts there', async () => {
    const layers = (last: string) => ({
      layers: [
        { name: 'base-os', provisioners: [{ inline: 'touch /etc/base-os' }] },
        { name: 'application', provisioners: [{ inline: last }] },
      ],
    });
    const failed = await world.build(layers('false'));
    expect(failed.error?.message).toBe(
      'application inline script 1 line 1: command `false` failed with exit code 1',
    );
    const again = await world.build(layers('test -e /etc/base-os'));
    expect(again.result).toMatchObject({ built: ['application'] });
  });

  it('ends a script that hangs at its timeout, and names the command it hung at', async () => {
    world.write('hang.sh', 'echo waiting\nsleep 1000\n');
    const built = await world.build(one({ script: 'hang.sh', timeout: '1s' }));
    expect(built.error?.message).toBe(
      'hang.sh line 2: ended after its timeout of 1 s at command `sleep 1000`',
    );
    expect(await world.leftovers(built.runId)).toEqual(NOTHING);
  });

  it('runs a failing script again as often as it may', async () => {
    const flaky =
      'n=$(cat /var/n 2>/dev/null || echo 0); echo $((n + 1)) >/var/n; echo "try $n"; test $n -ge 2';
    const built = await world.build(one({ inline: flaky, retries: 2, name: 'flaky' }));
    expect(built.error).toBeUndefined();
    expect(outputOf(built)).toEqual(['flaky: try 0', 'flaky: try 1', 'flaky: try 2']);
    expect(built.events.filter((event) => event.type === 'warning')).toHaveLength(2);
  });

  it('says what the configuration asked for and the image has not', async () => {
    const verify = {
      files: ['/opt/none'],
      commands: ['no-such-command'],
      services: ['none'],
      absent: ['/etc/passwd'],
    };
    const built = await world.build({ ...one({ inline: 'true' }), verify });
    expect(built.error?.details).toEqual([
      'required files exist: /opt/none',
      'unwanted files are absent: /etc/passwd',
      'required commands are present: no-such-command',
      'services are enabled: none',
    ]);
  });

  it('says so when a script has ended the builder', async () => {
    const built = await world.build(one({ inline: 'shutdown -h now; sleep 60' }));
    expect(built.error?.message).toMatch(/instance i-\w+ is (stopping|shutting-down|terminated)/);
    expect(await world.leftovers(built.runId)).toEqual(NOTHING);
  });

  it('says what a builder needs that never answers, and ends it', async () => {
    const builder = { instanceProfile: undefined, readyTimeout: '1s' };
    const built = await world.build({ ...one({ inline: 'true' }), builder });
    expect(built.error).toMatchObject({
      message: expect.stringContaining('to take commands: not after 1 s'),
      hint: expect.stringContaining('AmazonSSMManagedInstanceCore'),
    });
    expect(await world.leftovers(built.runId)).toEqual(NOTHING);
  });

  it('ends its builder by itself when the time to live is over, whatever bake does', async () => {
    const builder = { timeToLive: '2s' };
    const built = await world.build({ ...one({ inline: 'sleep 300' }), builder });
    expect(built.error?.message).toMatch(/instance i-\w+ is (stopping|shutting-down|terminated)/);
  });

  it.each([
    ['a missing script', one({ script: 'none.sh' }), 'layer application: none.sh does not exist'],
    ['a missing upload', one({ upload: 'none', to: '/opt/x' }), 'layer application: none does not exist'],
    ['a missing secret', one({ inline: 'true', secrets: ['NO_SUCH_SECRET'] }), 'NO_SUCH_SECRET'],
    [
      'an unknown base image',
      { ...one({ inline: 'true' }), base: { id: 'ami-0123456789abcdef0' } },
      'ami-0123456789abcdef0',
    ],
  ])('finds %s before it creates anything', async (_, image, message) => {
    const built = await world.build(image);
    expect(built.error).toMatchObject({ exitCode: 2, message: expect.stringContaining(message) });
    expect(stepsOf(built)).toEqual(['plan']);
  });
});
