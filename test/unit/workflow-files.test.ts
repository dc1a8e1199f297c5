import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { repository, temporaryDirectory } from '../helpers/cli.ts';
import { findingsIn, findingsInAction } from '../helpers/workflow/check.ts';

it.each(['ci', 'bake', 'cutover', 'gc', 'release'])(
  "GitHub's parser and actionlint find nothing wrong in %s.yml",
  async (name) => {
    expect(await findingsIn(repository, `.github/workflows/${name}.yml`)).toEqual([]);
  },
);

it("GitHub's parser finds nothing wrong in action.yml", async () => {
  expect(await findingsInAction(repository, 'action.yml')).toEqual([]);
});

it('both find what is wrong', async () => {
  const directory = temporaryDirectory('workflow');
  const text =
    'on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    steps: [{ run: "echo ${{ steps.no.x }}", iff: 1 }]\n';
  writeFileSync(join(directory, 'broken.yml'), text);
  const findings = (await findingsIn(directory, 'broken.yml')).join('\n');
  expect(findings).toMatch(/Unexpected value 'iff'/);
  expect(findings).toMatch(/property "no" is not defined/);
});
