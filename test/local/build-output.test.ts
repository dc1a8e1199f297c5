import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { type BuildWorld, outputOf, startBuildWorld } from '../helpers/build-world.ts';

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

    it('show output beyond 24,000 characters in full and in order, errors where they happened', async () => {
      const built = await world.build(
        one({
          inline: 'for i in $(seq 1 20000); do echo "line $i"; done; echo oops >&2; echo end',
          name: 'talk',
        }),
      );
      const lines = Array.from({ length: 20_000 }, (_, index) => `talk: line ${index + 1}`);
      expect(outputOf(built)).toEqual([...lines, 'talk: oops', 'talk: end']);
    });

    it('show their output while they run', async () => {
      const seenAt: Record<string, number> = {};
      const built = await world.build(one({ inline: 'echo first; sleep 4; echo second', name: 'slow' }), {
        on(event) {
          if (event.type === 'step.output') seenAt[event.line] = Date.parse(event.time);
        },
      });
      expect(outputOf(built)).toEqual(['slow: first', 'slow: second']);
      expect(seenAt.second! - seenAt.first!).toBeGreaterThan(500);
    });

    it('get their variables and secrets, which are shown and kept nowhere', async () => {
      process.env.TEST_TOKEN = 'se\'cret "value" $HOME';
      const check = `test "$TEST_TOKEN" = "$(printf %s 'se'"'"'cret "value" $HOME')"`;
      const leak = 'echo "token is $TEST_TOKEN"; ps -ef | grep -c "se.cre[t]" || true';
      const built = await world.build(
        one({
          inline: `${check}\n${leak}`,
          secrets: ['TEST_TOKEN'],
          environment: { A: 'b c' },
          name: 'secret',
        }),
      );
      expect(built.error).toBeUndefined();
      expect(outputOf(built)).toEqual(['secret: token is ***', 'secret: 0']);
      const found = await world.inside(
        built.result!.imageId,
        `find /etc /home /opt /root /srv /var /usr/local/bin -type f -size -1M -newerct '5 minutes ago' -print0 2>/dev/null | xargs -0 -r grep -lF 'cret "value"'`,
      );
      expect(found).toBe('');
      delete process.env.TEST_TOKEN;
    });

    it('get uploads of any size and kind byte by byte, and directories that exist keep their owner', async () => {
      const large = Array.from(
        { length: 40_000 },
        (_, index) => (index * 2_654_435_761) % 4_294_967_296,
      ).join('');
      world.write('tree/large', large);
      world.write(`tree/${'deep/'.repeat(30)}leaf`, 'leaf');
      world.write('tree/skip.log', 'no');
      world.write('etc/app.conf', 'setting');
      const sum =
        'sha256sum /opt/tree/large | cut -d" " -f1; stat -c "%U %a" /etc /opt/tree/large; ls /opt/tree';
      const built = await world.build(
        one(
          { upload: 'tree', to: '/opt/tree', owner: 'daemon:daemon', mode: '0640', ignore: ['*.log'] },
          { upload: 'etc', to: '/etc', owner: 'daemon:daemon' },
          { inline: `${sum}; cat /etc/app.conf`, name: 'look' },
        ),
      );
      expect(built.error).toBeUndefined();
      const digest = createHash('sha256').update(large).digest('hex');
      const seen = [digest, 'root 755', 'daemon 640', 'deep', 'large', 'setting'];
      expect(outputOf(built)).toEqual(seen.map((line) => `look: ${line}`));
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

    it('leave no key pair and no security group behind, and no key in the image', async () => {
      const built = await world.build(one({ inline: 'true', name: 'nothing' }));
      const kinds = ['key pair', 'security group'] as const;
      expect(await world.cloud.leftovers.find([...kinds], { 'bake:project': 'demo' })).toEqual([]);
      const keys = `cat /root/.ssh/authorized_keys /etc/ssh/ssh_host_*_key 2>/dev/null || true`;
      expect(await world.inside(built.result!.imageId, keys)).toBe('');
    });
  },
);
