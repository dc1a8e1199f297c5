import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../helpers/cli.ts';
import { saying } from '../helpers/words.ts';

// What bad input gets, word for word, through the program as it is installed. With a cloud: error-words-cloud.test.ts.

const BAKE = `project: shop
image:
  base: { id: ami-1 }
  layers:
    - name: application
      provisioners:
        - script: provisioners/application.sh
fleet:
  name: shop-workers
  size: { min: 1, max: 4, desired: 3 }
`;

/** A directory with these files. */
function directoryWith(files: Record<string, string>): string {
  const directory = temporaryDirectory('words');
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}
const INLINE = BAKE.replace('script: provisioners/application.sh', 'inline: "true"');
const project = (more: Record<string, string> = {}) => directoryWith({ 'bake.yaml': INLINE, ...more });

describe.concurrent('a configuration error', () => {
  test('names file, line, column, the key, what was expected and the nearest key, for everything that is wrong', async () => {
    const directory = directoryWith({
      'bake.yaml': `projekt: shop
image:
  base: { idd: ami-1 }
  layers:
    - name: Application
      provisioners:
        - script: aplication.sh
          timeout: 90
fleet:
  size: { min: 1, max: few, desired: 3 }
  userData: boot.sh
rollout:
  strategy: rollling
  checkpoint: [50]
`,
      'application.sh': '',
      'boot.sh': 'x'.repeat(17 * 1024),
    });
    expect(await saying(directory, {}, 'validate')).toEqual({
      code: 2,
      out: '',
      err: `✗ bake.yaml:1:1: missing key "project" (text)
  bake.yaml:1:1: unknown key "projekt", did you mean "project"?
  bake.yaml:3:11: image.base: expected one of the keys id, ssmParameter, family or filter; unknown key "idd", did you mean "id"?
  bake.yaml:5:13: image.layers[0].name: expected lower-case letters, digits and hyphens, got "Application"
  bake.yaml:7:19: image.layers[0].provisioners[0].script: aplication.sh does not exist, did you mean "application.sh"?
  bake.yaml:8:20: image.layers[0].provisioners[0].timeout: expected text, got 90 (put it in quotes)
  bake.yaml:9:1: fleet: missing key "name" (text)
  bake.yaml:10:24: fleet.size.max: expected a whole number, got "few"
  bake.yaml:11:13: fleet.userData: boot.sh has 17408 bytes; user data may have at most 16384
  bake.yaml:13:13: rollout.strategy: expected rolling, blue-green or in-place, got "rollling"
  bake.yaml:14:3: rollout: unknown key "checkpoint", did you mean "checkpoints"?
`,
    });
  });

  test('user data may be twice as long on Alibaba Cloud', async () => {
    const bake = INLINE.replace('project: shop', 'project: shop\ncloud: alicloud');
    const directory = directoryWith({
      'bake.yaml': `${bake}  userData: boot.sh\n`,
      'boot.sh': 'x'.repeat(32 * 1024),
    });
    expect(await saying(directory, {}, 'validate')).toMatchObject({ code: 0, err: '' });
    writeFileSync(join(directory, 'boot.sh'), 'x'.repeat(32 * 1024 + 1));
    expect(await saying(directory, {}, 'validate')).toMatchObject({
      code: 2,
      err: '✗ bake.yaml:12:13: fleet.userData: boot.sh has 32769 bytes; user data may have at most 32768\n',
    });
  });

  test('stops every command before anything is done', async () => {
    const directory = directoryWith({ 'bake.yaml': BAKE });
    expect(await saying(directory, { AWS_REGION: 'eu-central-1' }, 'build')).toEqual({
      code: 2,
      out: '',
      err: `
✗ bake build could not go on after TIME
  bake.yaml:7:19: image.layers[0].provisioners[0].script: provisioners/application.sh does not exist
`,
    });
  });
});

describe.concurrent('what the configuration leaves open', () => {
  test.each([
    [
      'no region',
      INLINE,
      `  no AWS region is set
  → Set AWS_REGION, or write region: in bake.yaml, or give the AWS profile a region.
`,
    ],
    [
      'no credentials',
      `region: eu-central-1\n${INLINE}`,
      `  no AWS credentials found
  → Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run "aws sso login". Without an account: add --local.
`,
    ],
    [
      'no region of Alibaba Cloud',
      `cloud: alicloud\n${INLINE}`,
      `  no Alibaba Cloud region is set
  → Write region: in bake.yaml, or set ALIBABA_CLOUD_REGION_ID.
`,
    ],
    [
      'no credentials of Alibaba Cloud',
      `cloud: alicloud\nregion: cn-shanghai\n${INLINE}`,
      `  no Alibaba Cloud credentials found
  → Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or run "aliyun configure". Without an account: add --local.
`,
    ],
  ])('%s', async (_, bake, words) => {
    const directory = directoryWith({ 'bake.yaml': bake });
    const { code, err } = await saying(directory, {}, 'status');
    expect({ code, err }).toEqual({ code: 2, err: `\n✗ bake status could not go on after TIME\n${words}` });
  });
});

describe.concurrent('a command line', () => {
  test.each([
    [['buld'], "error: unknown command 'buld'\n(Did you mean build?)\n"],
    [['fleet', 'aply'], "error: unknown command 'aply'\n(Did you mean apply?)\n"],
    [['build', '--relese', 'v1'], "error: unknown option '--relese'\n(Did you mean --release?)\n"],
    [['build', 'now'], "error: too many arguments for 'build'. Expected 0 arguments but got 1.\n"],
    [['rollout', '--image'], "error: option '--image <id>' argument missing\n"],
    [['completion'], "error: missing required argument 'shell'\n"],
    [
      ['completion', 'fis'],
      '✗ there is no completion for the shell "fis"\n  → Did you mean: bake completion fish\n',
    ],
    [['explain', 'fleet.sise'], '✗ no key "sise" in fleet\n  → Did you mean: bake explain fleet.size\n'],
    [
      ['rollout', '--strategy', 'rollling'],
      "error: option '--strategy <name>' argument 'rollling' is invalid. Allowed choices are rolling, blue-green, in-place.\n",
    ],
    [
      ['validate', '-e', 'prodution'],
      '✗ no environment "prodution"; there is production\n  → Did you mean -e production?\n',
    ],
    [['validate', '-C', '/nowhere'], '✗ there is no directory /nowhere\n  → Name another with -C DIR.\n'],
    [
      ['validate', '--file', 'bake.yml'],
      '✗ there is no file DIR/bake.yml, did you mean "bake.yaml"?\n  → Name another with --file FILE.\n',
    ],
    [['local', 'start', '--speed', 'fast'], '✗ --speed: expected a number above 0, such as 60\n'],
    [
      ['gc', '--older-than', 'yesterday'],
      `
✗ bake gc could not go on after TIME
  --older-than yesterday is not a duration
  → Write 90s, 30m, 24h or 7d.
`,
    ],
    [
      ['rollout', '--on-interrupt', 'stop'],
      `
✗ bake rollout could not go on after TIME
  --on-interrupt stop is not known
  → It is one of: ask, rollback, leave, cancel.
`,
    ],
    [
      ['build', '--only', 'web'],
      `
✗ bake build could not go on after TIME
  --only names one of several images, but bake.yaml has one
  → Leave --only out.

Report: .bake/runs/RUN.html
`,
    ],
    [
      ['build', '--from', 'aplication'],
      `
✗ bake build could not go on after TIME
  there is no layer "aplication"
  → The layers are application.

Report: .bake/runs/RUN.html
`,
    ],
  ])('%j is refused', async (args, words) => {
    const directory = project();
    writeFileSync(join(directory, 'bake.yaml'), `${INLINE}environments: { production: {} }\n`);
    const env = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    const { code, err } = await saying(
      directory,
      { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:9' },
      ...args,
    );
    expect({ code, err }).toEqual({ code: 2, err: words });
  });

  test('without a project says where it was looked for, and what to do', async () => {
    const directory = directoryWith({});
    expect((await saying(directory, {}, 'rollout')).err).toBe(`
✗ bake rollout could not go on after TIME
  no bake.yaml in DIR or above it
  → Change to the project's directory, name it with -C DIR or --file FILE, or write one: \`bake init\`.
`);
  });
});

describe.concurrent('a defect of bake', () => {
  const NODE_OPTIONS = "--import=data:text/javascript,process.cwd=()=>{throw%20new%20TypeError('boom')}";

  test('is called one, without a stack trace', async () => {
    expect(await saying(project(), { NODE_OPTIONS }, 'status')).toEqual({
      code: 1,
      out: '',
      err: `
✗ bake status failed after TIME
  defect of bake: boom
  → Run it again with --debug to see where, and report it.
`,
    });
  });

  test('shows where with --debug', async () => {
    const { code, err } = await saying(project(), { NODE_OPTIONS }, 'status', '--debug');
    expect(code).toBe(1);
    expect(err).toMatch(/ {2}defect of bake: boom\n {6}at process\.cwd .*\n {6}at .*file:/);
  });
});
