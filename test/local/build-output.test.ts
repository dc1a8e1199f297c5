import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, type Built, outputOf, startBuildWorld } from '../helpers/build-world.ts';

const support = await sandboxSupport(tmpdir());
const because = support.ok ? '' : ` (skipped: ${support.sentence})`;

/** One port: whatever the way to the builder, the promises are the same. */
const ways = [
  { way: 'SSM', builder: {} },
  { way: 'SSH', builder: { communicator: 'ssh', ssh: { user: 'root', source: '127.0.0.1/32' } } },
];

describe.skipIf(!support.ok).sequential.each(ways)(
  `scripts on the builder over $way${because}`,
  ({ way, builder }) => {
    const one = (...provisioners: unknown[]) => ({
      layers: [{ name: 'application', provisioners }],
      builder,
    });
    let world: BuildWorld;
    beforeAll(async () => {
      world = await startBuildWorld(`output-${way}`);
    });
    afterAll(() => world?.close());

    /** One build with all of it; what each of its provisioners printed, and when. */
    let built: Built;
    const printed: Record<string, { line: string; at: number }[]> = {};
    const linesOf = (name: string) => printed[name]?.map(({ line }) => line);
    const secret = 'se\'cret "value" $HOME';
    const large = Array.from({ length: 40_000 }, (_, index) => (index * 2_654_435_761) % 4_294_967_296).join(
      '',
    );

    beforeAll(async () => {
      world.write('tree/large', large);
      world.write(`tree/${'deep/'.repeat(30)}leaf`, 'leaf');
      world.write('tree/skip.log', 'no');
      world.write('etc/app.conf', 'setting');
      process.env.TEST_TOKEN = secret;
      const check = `test "$TEST_TOKEN" = "$(printf %s 'se'"'"'cret "value" $HOME')"`;
      const leak = 'echo "token is $TEST_TOKEN"; ps -ef | grep -c "se.cre[t]" || true';
      const sum =
        'sha256sum /opt/tree/large | cut -d" " -f1; stat -c "%U %a" /etc /opt/tree/large; ls /opt/tree';
      const talk = 'for i in $(seq 1 20000); do echo "line $i"; done; echo oops >&2; echo end';
      const image = one(
        { inline: talk, name: 'talk' },
        { inline: 'echo first; sleep 4; echo second', name: 'slow' },
        {
          inline: `${check}\n${leak}`,
          secrets: ['TEST_TOKEN'],
          environment: { A: 'b c' },
          name: 'secret',
        },
        { upload: 'tree', to: '/opt/tree', owner: 'daemon:daemon', mode: '0640', ignore: ['*.log'] },
        { upload: 'etc', to: '/etc', owner: 'daemon:daemon' },
        { inline: `${sum}; cat /etc/app.conf`, name: 'look' },
      );
      built = await world.build(image, {
        on(event) {
          if (event.type !== 'step.output') return;
          printed[event.source] ??= [];
          printed[event.source]!.push({ line: event.line, at: Date.parse(event.time) });
        },
      });
      delete process.env.TEST_TOKEN;
      expect(built.error).toBeUndefined();
    });

    it('show output beyond 24,000 characters in full and in order, errors where they happened', () => {
      const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}`);
      expect(linesOf('talk')).toEqual([...lines, 'oops', 'end']);
    });

    it('show their output while they run', () => {
      const [first, second] = printed.slow!;
      expect([first!.line, second!.line]).toEqual(['first', 'second']);
      expect(second!.at - first!.at).toBeGreaterThan(500);
    });

    it('get their variables and secrets, which are shown and kept nowhere', async () => {
      expect(linesOf('secret')).toEqual(['token is ***', '0']);
      const found = await world.inside(
        built.result!.imageId,
        `find /etc /home /opt /root /srv /var /usr/local/bin -type f -size -1M -newerct '15 minutes ago' -print0 2>/dev/null | xargs -0 -r grep -lF 'cret "value"'`,
      );
      expect(found).toBe('');
    });

    it('get uploads of any size and kind byte by byte, and directories that exist keep their owner', () => {
      const digest = createHash('sha256').update(large).digest('hex');
      expect(linesOf('look')).toEqual([digest, 'root 755', 'daemon 640', 'deep', 'large', 'setting']);
    });

    it('leave no key pair and no security group behind, and no key in the image', async () => {
      const kinds = ['key pair', 'security group'] as const;
      expect(await world.cloud.leftovers.find([...kinds], { 'bake:project': 'demo' })).toEqual([]);
      const keys = `cat /root/.ssh/authorized_keys /etc/ssh/ssh_host_*_key 2>/dev/null || true`;
      expect(await world.inside(built.result!.imageId, keys)).toBe('');
    });

    it('say which user an upload needs that is not there', async () => {
      world.write('src/a', 'a');
      const built = await world.build(one({ upload: 'src', to: '/opt/src', owner: 'nobody-here' }));
      expect(built.error?.message).toContain('nobody-here: no such user on the machine');
    });

    it('may ask for a reboot, after which the next one goes on', async () => {
      const built = await world.build(
        one(
          { inline: 'echo before >/etc/before; touch /run/before', name: 'kernel', reboot: true },
          {
            inline: 'cat /etc/before; test ! -e /run/before; systemctl is-active bake-time-to-live.timer',
            name: 'after',
          },
        ),
      );
      expect(built.error).toBeUndefined();
      expect(outputOf(built)).toEqual(['after: before', 'after: active']);
    });
  },
);
