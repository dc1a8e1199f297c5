import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { GetCommandInvocationCommand, SendCommandCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { createQueues, removeQuickstart, startQuickstart, type Workspace } from '../helpers/quickstart.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok ? 'the quickstart' : `the quickstart (skipped: ${support.sentence})`;

interface InstanceStatus {
  id: string;
  release?: string;
  lifecycle: string;
}

describe.skipIf(!support.ok).sequential(suite, () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await startQuickstart('quickstart');
    // A broken release is given up sooner than a person would want to.
    workspace.edit('bake.yaml', 'timeout: 30s', 'timeout: 10s');
  });
  afterAll(() => removeQuickstart(workspace));

  /** Runs a command in the workspace that has to succeed; returns what it printed. */
  async function succeed(...args: string[]): Promise<string> {
    const ended = await workspace.bake(...args);
    expect(ended.code, `bake ${args.join(' ')}\n${ended.stdout}${ended.stderr}`).toBe(0);
    return ended.stdout;
  }

  async function fleet(): Promise<InstanceStatus[]> {
    const lines = (await succeed('status', '--local', '--json')).trim().split('\n');
    const facts = lines
      .map((line) => JSON.parse(line))
      .filter((event) => event.type === 'fact' && event.name === 'status');
    return facts[0].value.instances;
  }

  /** What a root shell prints on an instance. */
  async function shell(instanceId: string, script: string): Promise<string> {
    const { cloud } = workspace;
    const ssm = new SSMClient({ endpoint: cloud.endpoint, region: cloud.region, credentials: cloud });
    const sent = await ssm.send(
      new SendCommandCommand({
        InstanceIds: [instanceId],
        DocumentName: 'AWS-RunShellScript',
        Parameters: { commands: [script] },
      }),
    );
    const CommandId = sent.Command?.CommandId as string;
    for (;;) {
      const result = await ssm.send(new GetCommandInvocationCommand({ InstanceId: instanceId, CommandId }));
      if (!['Pending', 'InProgress', 'Delayed'].includes(result.Status ?? ''))
        return result.StandardOutputContent ?? '';
    }
  }

  /** The fleet is on one release, all of it, and in service. */
  async function expectFleetOn(release: string) {
    const instances = await fleet();
    expect(instances.map(({ release, lifecycle }) => `${release} ${lifecycle}`)).toEqual(
      Array(3).fill(`${release} InService`),
    );
  }

  it('bakes release 1 in three layers', async () => {
    const output = await succeed('build', '--local');
    expect(output).toContain('release 1');
    expect(output).toMatch(/3 of 3 layers/);
  });

  it('makes a fleet of three workers, once', async () => {
    await createQueues(workspace);
    await succeed('fleet', 'apply', '--local');
    await expectFleetOn('1');
    expect(await succeed('fleet', 'apply', '--local')).toMatch(/nothing (to change|changed)|already/i);
  });

  it('has in an instance what the provisioners made, named by its release, and nothing of it on the host', async () => {
    const [instance] = await fleet();
    const seen = await shell(
      instance?.id as string,
      'cat /etc/bake-release; id worker; stat -c %U /opt/worker/app/worker.mjs; systemctl is-active worker; ls -A /root /tmp /home; cat /etc/machine-id',
    );
    expect(seen).toContain('BAKE_RELEASE=1');
    expect(seen).toMatch(/uid=\d+\(worker\)/);
    expect(seen).toContain('active');
    expect(seen).not.toContain('.bash_history');
    expect(readFileSync('/etc/passwd', 'utf8')).not.toMatch(/^worker:/m);
    expect(existsSync('/opt/worker')).toBe(false);
    expect(existsSync('/etc/bake-release')).toBe(false);
  });

  it('launches nothing when nothing changed', async () => {
    const output = await succeed('build', '--local');
    expect(output).toContain('release 1');
    expect(output).not.toMatch(/builder i-/);
  });

  it('builds and rolls out a changed application in two commands, proving which instance of it did the work', async () => {
    workspace.edit('worker/work.mjs', 'return { words };', 'return { words, characters: text.length };');
    expect(await succeed('build', '--local')).toMatch(/1 of 3 layers/);
    const output = await succeed('rollout', '--strategy', 'rolling', '--local');
    expect(output).toMatch(/processed by i-[0-9a-f]+ \(release 2\)/);
    await expectFleetOn('2');
    const proof = /processed by (i-[0-9a-f]+) \(release 2\)/.exec(output)?.[1];
    expect((await fleet()).map(({ id }) => id)).toContain(proof);
  });

  it.each([
    {
      name: 'whose worker crashes',
      file: 'worker/worker.mjs',
      from: "await log.info('started');",
      to: "throw new Error('cannot read the frobnicator');",
      reason: /worker\.service.*\n?.*frobnicator|frobnicator/,
    },
    {
      name: 'whose worker logs errors',
      file: 'worker/work.mjs',
      from: 'const words =',
      to: "throw new Error('the frobnicator is empty'); const words =",
      reason: /frobnicator is empty/,
    },
    {
      name: 'whose user data fails',
      file: 'userdata/worker.sh',
      from: 'systemctl restart worker.service',
      to: 'cat /etc/frobnicator\nsystemctl restart worker.service',
      reason: /user data failed with exit code 1[\s\S]*frobnicator/,
    },
  ])(
    'goes back to release 2 from a release $name, losing no message and naming the reason',
    async ({ file, from, to, reason }) => {
      workspace.edit(file, from, to);
      if (!file.startsWith('userdata')) await succeed('build', '--local');
      const ended = await workspace.bake('rollout', '--local');
      workspace.edit(file, to, from);
      const output = ended.stdout + ended.stderr;
      expect(ended.code, output).toBe(1);
      expect(output).toMatch(reason);
      expect(output).toMatch(/test message.* not lost/);
      expect(output).not.toMatch(/\n\s+at .*\.[jt]s:\d+/);
      await expectFleetOn('2');
    },
  );
});
