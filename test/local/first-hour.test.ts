import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sandboxSupport } from '../../src/localcloud/sandbox/support.ts';
import { execute, repository, temporaryDirectory } from '../helpers/cli.ts';
import { SMALL } from '../helpers/small-applications.ts';
import { normalised, withBlocks, withoutProgress } from '../helpers/transcript.ts';
import { missing } from '../helpers/web-example.ts';

const support = await sandboxSupport(tmpdir());
const lacking = support.ok ? await missing(['boto3', 'ensurepip'], ['logrotate']) : support.sentence;
const FIVE_MINUTES = 300_000;
const page = join(repository, 'docs/first-hour.md');

describe.skipIf(lacking !== '')(`the first hour${lacking && ` (skipped: ${lacking})`}`, () => {
  it(
    'a small Python worker becomes a rehearsed rollout by two commands and no editing, as docs/first-hour.md has it',
    async () => {
      const directory = join(temporaryDirectory('first-hour'), 'word-counter');
      mkdirSync(directory);
      for (const [path, text] of Object.entries(SMALL.python)) writeFileSync(join(directory, path), text);
      const startedAt = Date.now();
      /** As typed there; what was said. */
      const type = async (command: string) => {
        const [, , ...args] = command.split(' ');
        const { code, stdout, stderr } = await execute(
          process.execPath,
          [join(repository, 'dist/cli.js'), ...args],
          { cwd: directory, env: { NO_COLOR: '1' } },
        );
        expect(code, `${command}\n${stdout}${stderr}`).toBe(0);
        return `$ ${command}\n${withoutProgress(stdout)}`;
      };
      const init = await type('npx bake init --yes');
      const rehearse = await type('npx bake rehearse --scenario smoke-failure');
      expect(Date.now() - startedAt).toBeLessThan(FIVE_MINUTES);

      const yaml = readFileSync(join(directory, 'bake.yaml'), 'utf8');
      const smoke = /^smoke:\n(?: .*\n)+/m.exec(yaml)?.[0] ?? '';
      const written = readFileSync(page, 'utf8');
      const produced = withBlocks(written, { ...SMALL.python, init, smoke, rehearse });
      // UPDATE_DOCS=1 npx vitest run --project local test/local/first-hour.test.ts
      if (process.env.UPDATE_DOCS === '1') writeFileSync(page, produced);
      else expect(normalised(written)).toBe(normalised(produced));
    },
    FIVE_MINUTES,
  );
});
