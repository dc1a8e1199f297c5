import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { repository } from '../helpers/cli.ts';
import { InPlaceHosts } from '../helpers/in-place-hosts.ts';
import { ownCloud } from '../helpers/own-cloud.ts';
import { describeSandbox } from '../helpers/sandbox.ts';

describeSandbox('in-place rollouts on three servers', () => {
  const cloud = ownCloud('in-place', '--speed', '20');
  const hosts = new InPlaceHosts(cloud);
  beforeAll(() => hosts.start());
  // Each test begins as the one before has left the servers.
  afterEach(() => {
    hosts.configure();
    hosts.app('1');
  });

  const rollout = (release: string, ...more: string[]) =>
    hosts.bake('rollout', '--release', release, ...more);

  test('the first release runs on every server, in batches of one, by a user who may restart the service only', async () => {
    const ended = await rollout('v1');
    expect(ended, ended.said).toMatchObject({ code: 0 });
    expect(await hosts.answers()).toEqual(['1', '1', '1']);
    const batches = [...ended.said.matchAll(/✓ Batch (\d) of 3: (web-\d)/g)].map(([, n, name]) => [n, name]);
    expect(batches).toEqual([
      ['1', 'web-1'],
      ['2', 'web-2'],
      ['3', 'web-3'],
    ]);
    expect(readFileSync(hosts.file('hook'), 'utf8')).toBe('in-place v1\n');
    const right = await hosts.ssh(0, 'sudo -u deploy sudo -n /usr/bin/systemctl stop shop.service; echo $?');
    expect(right.stdout).toBe('1\n');
  });

  test('the same again changes nothing; the same name for other files is refused', async () => {
    expect((await rollout('v1')).said).toContain('release v1 runs on 3 servers already; nothing changed');
    hosts.app('other');
    const refused = await rollout('v1');
    expect(refused.said).toContain('web-1: release v1 is there already, made of other files');
    expect(await hosts.answers()).toEqual(['1', '1', '1']);
  });

  describe('a release that is not well', () => {
    test('is switched back in its own batch, and the service answers again', async () => {
      hosts.app('2', 500);
      const ended = await rollout('v2');
      expect(ended.code).toBe(1);
      expect(ended.said).toContain('web-1: not well after 4 s: /health answers 500 instead of 200');
      expect(ended.said).toContain('web-1: switched back to v1, and well again');
      expect(ended.said).not.toContain('Batch 2');
      expect(await hosts.answers()).toEqual(['1', '1', '1']);
      expect(await hosts.links()).toEqual(['v1 - v1,v2,', 'v1 - v1,', 'v1 - v1,']);
    });

    test('on a later server takes the earlier ones back too', async () => {
      hosts.app('3');
      const last = hosts.addresses.at(-1)!.split('.').at(-1);
      hosts.configure({
        install: { run: `case $(hostname) in *-${last}) echo 500 >health;; esac; echo installed` },
      });
      const ended = await rollout('v3');
      expect(ended.code).toBe(1);
      for (const name of ['web-1', 'web-2', 'web-3'])
        expect(ended.said).toContain(`${name}: switched back to v1, and well again`);
      expect(await hosts.answers()).toEqual(['1', '1', '1']);
    });
  });

  test('a full disk stops it before any server is touched', async () => {
    hosts.app('4');
    hosts.configure({ diskSpace: '900TiB' });
    const before = await hosts.links();
    const ended = await rollout('v4');
    expect(ended.code).toBe(1);
    expect(ended.said).toMatch(/web-3: the disk of \/srv\/shop has .* free, and 900 TiB are needed/);
    expect(await hosts.links()).toEqual(before);
  });

  test('an unknown host key stops it with what to type, which works; so does a changed one', async () => {
    hosts.app('5');
    const known = readFileSync(hosts.file('known_hosts'), 'utf8');
    const address = hosts.addresses[1]!;
    const without = known.split('\n').filter((line) => !line.startsWith(`${address} `));
    writeFileSync(hosts.file('known_hosts'), without.join('\n'));
    const unknown = await rollout('v5');
    expect(unknown.code).toBe(1);
    expect(unknown.said).toContain(`the host key of web-2 (${address}) is unknown: SHA256:`);
    expect(await hosts.answers()).toEqual(['1', '1', '1']);
    const typed = /echo '(.* ssh-ed25519 \S+)' >>/.exec(unknown.said)?.[1];
    expect(known).toContain(typed);

    const other = known.split('\n').find((line) => line.startsWith(`${hosts.addresses[0]} ssh-ed25519`))!;
    writeFileSync(
      hosts.file('known_hosts'),
      [...without, other.replace(hosts.addresses[0]!, address)].join('\n'),
    );
    const changed = await rollout('v5');
    expect(changed.said).toContain(`web-2 (${address}) shows another host key than is known`);
    writeFileSync(hosts.file('known_hosts'), known);
  });

  test('killed in the middle, the same again completes it; nothing of it goes on without it', async () => {
    hosts.app('6');
    hosts.configure({ install: { run: '[ -e /tmp/go ] || { echo waiting; exec sleep 1000; }' } });
    await hosts.ssh(0, 'touch /tmp/go');
    const child = spawn(process.execPath, [
      ...[join(repository, 'dist/cli.js'), '-C', hosts.directory],
      ...['rollout', '--release', 'v6', '--json'],
    ]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    await vi.waitFor(() => expect(output).toContain('"waiting"'), { interval: 50, timeout: 60_000 });
    expect(await hosts.answers()).toEqual(['6', '1', '1']);
    const locked = await rollout('v6');
    expect(locked.said).toMatch(/web-\d is being worked on by .*, run /);
    child.kill('SIGKILL');
    await once(child, 'close');
    const sleeping = async () => (await hosts.ssh(1, 'pgrep -u deploy -f "sleep 1000" | wc -l')).stdout;
    await vi.waitFor(async () => expect(await sleeping()).toBe('0\n'), { interval: 200, timeout: 20_000 });
    for (const index of [1, 2]) await hosts.ssh(index, 'touch /tmp/go');
    const again = await rollout('v6');
    expect(again, again.said).toMatchObject({ code: 0 });
    expect(again.said).toContain('web-1 runs it already');
    expect(await hosts.answers()).toEqual(['6', '6', '6']);
  });

  test('the way back is the release that ran before, and is gone once only', async () => {
    const back = await hosts.bake('rollback', '--yes');
    expect(back, back.said).toMatchObject({ code: 0 });
    expect(await hosts.answers()).toEqual(['1', '1', '1']);
    const again = await hosts.bake('rollback', '--yes');
    expect(again.said).toContain('release v1 runs on 3 servers: there was nothing to take back');
    const forward = await hosts.bake('rollback', '--to', 'v6', '--yes');
    expect(forward, forward.said).toMatchObject({ code: 0 });
    expect(await hosts.answers()).toEqual(['6', '6', '6']);
  });

  test('interrupted, the servers of the batch are switched back', async () => {
    hosts.app('7', 500);
    hosts.configure({ batch: 3, health: { http: { port: 8_085, address: 'host' }, timeout: '5m' } });
    const child = spawn(process.execPath, [
      ...[join(repository, 'dist/cli.js'), '-C', hosts.directory],
      ...['rollout', '--release', 'v7', '--json'],
    ]);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    const waiting = { interval: 50, timeout: 60_000 };
    await vi.waitFor(async () => expect(await hosts.answers()).toEqual(['7', '7', '7']), waiting);
    child.kill('SIGINT');
    const [code] = await once(child, 'close');
    expect(code, output).toBe(130);
    expect(await hosts.answers()).toEqual(['6', '6', '6']);
  });

  test('keeps so many releases, and never removes what runs or ran before; servers are found by tags', async () => {
    hosts.configure({ hosts: undefined, tags: { role: 'web' }, keep: 2, batch: '100%' });
    for (const version of ['8', '9']) {
      hosts.app(version);
      const ended = await rollout(`v${version}`, '--local');
      expect(ended, ended.said).toMatchObject({ code: 0 });
    }
    expect(await hosts.links()).toEqual(Array(3).fill('v9 v8 v8,v9,'));
    const status = await hosts.bake('status', '--local');
    expect(status.said).toContain('release v9 on 3 servers, 3 well');
    const history = await hosts.bake('history', '--local');
    expect(history.said).toMatch(/v9 .* 3 of 3/);
    expect(history.said).toMatch(/v7 .* was taken back/);
  });
});
