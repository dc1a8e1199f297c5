import { spawn } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { bake, repository, temporaryDirectory } from '../helpers/cli.ts';

const support = await sandboxSupport(tmpdir());
const suite = support.ok
  ? 'a builder that is reached by SSH'
  : `a builder that is reached by SSH (skipped: ${support.sentence})`;

const config = (text: string) => `project: resumed
region: eu-central-1
image:
  base:
    ssmParameter: /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
  builder:
    instanceProfile: builder
    communicator: ssh
    ssh: { user: root, source: 127.0.0.1/32 }
  layers:
    - name: application
      provisioners: [{ inline: 'echo ${text} >/etc/application' }]
`;

describe.skipIf(!support.ok).sequential(suite, () => {
  let directory: string;
  beforeAll(async () => {
    directory = temporaryDirectory('resumed');
    writeFileSync(join(directory, 'bake.yaml'), config('none'));
    // An image takes two seconds: long enough to be killed while it is made, also on a busy machine.
    const latency = join(directory, 'latency.json');
    writeFileSync(latency, JSON.stringify({ 'image.pending': 20_000 }));
    await bake(directory, 'local', 'start', '--speed', '10', '--latency', latency);
  });
  afterAll(async () => {
    await bake(directory, 'local', 'reset');
    rmSync(directory, { recursive: true, force: true });
  });

  const keys = () => readdirSync(join(directory, '.bake/runs')).filter((file) => file.endsWith('.key'));

  /** Builds, and sends SIGKILL when `step` begins. */
  async function kill(step: string): Promise<void> {
    const command = [join(repository, 'dist/cli.js'), '-C', directory, 'build', '--local', '--json'];
    const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: child.stdout })) {
      const event = JSON.parse(line);
      if (event.type === 'step.started' && event.step === step) child.kill('SIGKILL');
    }
  }

  it.each(['finish', 'image'])(
    'is taken up after a crash in step %s, with the key that was kept',
    async (step) => {
      writeFileSync(join(directory, 'bake.yaml'), config(step));
      await kill(step);
      const [key] = keys();
      expect(statSync(join(directory, '.bake/runs', key!)).mode & 0o777).toBe(0o600);
      const { code, stdout } = await bake(directory, 'build', '--resume', '--local');
      expect(code, stdout).toBe(0);
      expect(stdout).toMatch(/Take up the builder of run .*, with layer application/);
      expect(stdout).not.toContain('Launch the builder');
      expect(keys()).toEqual([]);
    },
  );

  it('that nobody takes up loses its key to gc, with all the rest', async () => {
    writeFileSync(join(directory, 'bake.yaml'), config('left'));
    await kill('layer-application');
    expect(keys()).toHaveLength(1);
    const { code, stdout } = await bake(directory, 'gc', '--local');
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/login key/);
    expect(keys()).toEqual([]);
    expect((await bake(directory, 'gc', '--local')).stdout).toContain('nothing');
  });
});
