import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadProject } from '../../src/config/load.ts';
import { projectSchema } from '../../src/config/schema.ts';
import { projectName } from '../../src/setup/answers.ts';
import { KINDS } from '../../src/setup/application.ts';
import { detect } from '../../src/setup/detect.ts';
import { planOf } from '../../src/setup/plan.ts';
import { type Ask, answer, type Given } from '../../src/setup/questions.ts';
import { setupFiles } from '../../src/setup/setup.ts';
import { writeFiles } from '../../src/setup/write.ts';
import { execute, temporaryDirectory } from '../helpers/cli.ts';
import { installed } from '../helpers/installed.ts';
import { SMALL, smallApplication } from '../helpers/small-applications.ts';

const NAMES = Object.keys(SMALL) as (keyof typeof SMALL)[];

async function setUp(name: keyof typeof SMALL, given: Given = {}, ask?: Ask) {
  const directory = smallApplication(name);
  const found = detect(directory)!;
  const answers = await answer(found, basename(directory), given, ask);
  const files = setupFiles(planOf(found, answers), { workflows: true });
  return { directory, found, answers, files, text: new Map(files.map(({ path, text }) => [path, text])) };
}

describe('what is in a directory is found', () => {
  const command = (name: keyof typeof SMALL) => {
    const { application, source } = detect(smallApplication(name))!;
    const places = { home: '/H', app: '/H/app', venv: '/V', state: '/S', environment: '/E' };
    const { kind, web, queue, port, health } = application;
    return { kind, source, web, queue, port, health, command: application.command(places) };
  };
  test.each([
    ['python', { kind: 'python', web: false, queue: true, command: '/V/bin/python worker.py' }],
    [
      'node',
      { kind: 'node', web: true, port: 3000, health: '/health', command: '/usr/bin/env node server.js' },
    ],
    [
      'django',
      {
        kind: 'django',
        web: true,
        port: 8000,
        health: '/health',
        command: expect.stringMatching(/gunicorn .*--pythonpath \/H entry$/),
      },
    ],
    [
      'rails',
      {
        kind: 'rails',
        web: true,
        port: 3000,
        health: '/health',
        command: expect.stringMatching(/bundle exec puma .*--bind tcp:\/\/\$\{HOST\}:\$\{PORT\}/),
      },
    ],
    [
      'docker',
      {
        kind: 'docker',
        web: true,
        port: 8080,
        command: expect.stringMatching(/docker run --rm .*--env-file \/E/),
      },
    ],
    [
      'fastapi',
      {
        kind: 'python',
        web: true,
        health: '/healthz',
        command: expect.stringMatching(/-m uvicorn api\.main:api --host \$\{HOST\} --port \$\{PORT\}$/),
      },
    ],
  ] as const)('%s, and how it is started', (name, expected) => {
    expect(command(name)).toMatchObject({ source: '.', ...expected });
  });

  test('in a directory of the repository, too; another kind can be asked for', () => {
    const directory = temporaryDirectory('nested');
    mkdirSync(join(directory, 'service'));
    for (const [path, text] of Object.entries({ ...SMALL.docker, ...SMALL.python }))
      writeFileSync(join(directory, 'service', path), text);
    expect(detect(directory)).toMatchObject({
      source: 'service',
      application: { kind: 'python' },
      others: ['docker'],
    });
    expect(detect(directory, 'docker')).toMatchObject({ application: { kind: 'docker' } });
    expect(detect(directory, 'rails')).toBeUndefined();
  });

  test('nothing where there is nothing', () => {
    expect(detect(temporaryDirectory('empty'))).toBeUndefined();
  });
});

describe('what is written is valid at once', () => {
  const cases = NAMES.flatMap((name) =>
    (['aws', 'alicloud'] as const).flatMap((cloud) =>
      (['rolling', 'blue-green'] as const).map((strategy) => [name, cloud, strategy] as const),
    ),
  );
  test.each(cases)('%s on %s, %s', async (name, cloud, strategy) => {
    const { directory, files, answers } = await setUp(name, { cloud, strategy });
    writeFiles(directory, files, { force: false });
    for (const { path, text } of files)
      if (path.startsWith('deploy/') || path === 'bake.yaml')
        expect(text).not.toMatch(/=> [`{(]|undefined|\[object/);
    for (const environment of [undefined, 'staging', ...(name === 'docker' ? ['local'] : [])]) {
      const { config } = loadProject({ directory, variables: {}, environment });
      expect(config).toMatchObject({ cloud, rollout: { strategy } });
      expect(config.fleet!.name).toBe(`${answers.project}${environment === 'staging' ? '-staging' : ''}`);
    }
  });

  test.skipIf(!installed('shellcheck', '--version'))('its scripts pass shellcheck', async () => {
    for (const name of NAMES) {
      const { directory, files } = await setUp(name);
      writeFiles(directory, files, { force: false });
      const scripts = files.flatMap(({ path }) => (path.endsWith('.sh') ? [path] : []));
      const { code, stdout } = await execute('shellcheck', scripts, { cwd: directory });
      expect(code, stdout).toBe(0);
    }
  });

  test("comments of bake.yaml are the schema's own words, each once", async () => {
    const { text } = await setUp('python');
    const comments = text
      .get('bake.yaml')!
      .replaceAll(/\n *# /g, '\n# ')
      .replaceAll(/(?<=# .*)\n# (?=\S)/g, ' ');
    for (const key of ['project', 'image', 'fleet', 'rollout', 'smoke'] as const) {
      const described = projectSchema.in.shape[key].description!;
      expect(comments.split(`# ${described}`)).toHaveLength(2);
    }
  });

  test('policies name its queue and its log group, and nothing else of the account', async () => {
    const { text } = await setUp('python', { queue: 'texts' });
    const policy = JSON.parse(text.get('deploy/policies/instance.json')!);
    const resources = policy.Statement.flatMap(
      (statement: { Action: string[]; Resource: string | string[] }) =>
        statement.Resource === '*' ? statement.Action : statement.Resource,
    );
    expect(resources).toContain('arn:aws:sqs:*:*:texts');
    expect(resources).toContain('arn:aws:logs:*:*:log-group:/python/application:*');
    expect(resources.filter((one: string) => !/^arn:aws:(sqs|logs):/.test(one))).toEqual([
      'cloudwatch:PutMetricData',
      'ec2:DescribeTags',
    ]);
  });

  test('variables that the source reads are told to whoever fills in user data; no secret is in it', async () => {
    expect((await setUp('node')).text.get('deploy/user-data.sh')).toContain('#   GREETER');
    expect((await setUp('fastapi')).text.get('deploy/user-data.sh')).toContain('#   TABLE_NAME');
    const python = (await setUp('python')).text.get('deploy/user-data.sh')!;
    expect(python).toContain('\nQUEUE_NAME=${vars.queue}\n');
    expect(python).not.toContain('AWS_ENDPOINT_URL=');
  });

  test('dependencies of pyproject.toml become a file to install from', async () => {
    expect((await setUp('fastapi')).text.get('deploy/requirements.txt')).toBe(
      'fastapi>=0.100\nuvicorn[standard]\n',
    );
  });
});

describe('few questions', () => {
  const asked = async (name: keyof typeof SMALL, given: Given, said: string[] = []) => {
    const questions: string[] = [];
    const { answers } = await setUp(name, given, async (question, proposal) => {
      questions.push(question);
      return said.shift() || proposal;
    });
    return { questions, answers };
  };
  test('a worker: cloud, region, strategy, queue', async () => {
    const { questions, answers } = await asked('python', {}, ['', 'eu-west-1', 'blue-green', 'texts']);
    expect(questions).toHaveLength(4);
    expect(answers).toMatchObject({
      cloud: 'aws',
      region: 'eu-west-1',
      strategy: 'blue-green',
      queue: 'texts',
    });
  });
  test('a web application: its port and path, no queue', async () => {
    const { questions, answers } = await asked('node', {
      cloud: 'aws',
      region: 'eu-west-1',
      strategy: 'rolling',
    });
    expect(questions).toEqual(['Port that it listens on', 'Path that answers when it is well']);
    expect(answers).toMatchObject({ port: 3000, health: '/health', queue: undefined });
  });
  test('what is no choice is asked again', async () => {
    const { answers } = await asked('python', {}, ['gcp', 'alicloud']);
    expect(answers).toMatchObject({ cloud: 'alicloud', queue: undefined });
  });
  test.each([
    [{ cloud: 'gcp' }, '--cloud is gcp: aws or alicloud'],
    [{ strategy: 'in-place' }, '--strategy is in-place: rolling or blue-green'],
    [
      { project: 'My Shop' },
      '--project is My Shop: lower-case letters, digits and hyphens, at most 30; such as my-shop',
    ],
    [{ queue: 'a b' }, '--queue is a b: a name of letters, digits, - and _, at most 80'],
    [{ cloud: 'alicloud', queue: 'jobs' }, '--queue names a queue of SQS: there is none on Alibaba Cloud'],
  ] satisfies [Given, string][])('flags that are wrong are named: %j', async (given, message) => {
    await expect(setUp('python', given)).rejects.toThrow(message);
  });
});

describe('nothing is written over', () => {
  test('unless it is the same, or --force is given; all such files are named, and none is written', async () => {
    const { directory, files } = await setUp('python');
    writeFiles(directory, files, { force: false });
    const again = writeFiles(directory, files, { force: false });
    expect(again.written).toEqual([]);
    expect(again.kept).toEqual(files.map(({ path }) => path));
    writeFileSync(join(directory, 'bake.yaml'), 'mine');
    writeFileSync(join(directory, 'deploy/logrotate'), 'mine');
    const other = files.map((file) =>
      file.path === 'deploy/user-data.sh' ? { ...file, text: 'new' } : file,
    );
    expect(() => writeFiles(directory, other, { force: false })).toThrow(
      'bake.yaml is already there, and so are deploy/user-data.sh, deploy/logrotate: nothing was written',
    );
    expect(readFileSync(join(directory, 'bake.yaml'), 'utf8')).toBe('mine');
    expect(writeFiles(directory, files, { force: true }).written).toEqual(['bake.yaml', 'deploy/logrotate']);
  });

  test('.gitignore gets one line more, once', async () => {
    const { directory, files } = await setUp('python');
    writeFileSync(join(directory, '.gitignore'), 'venv');
    writeFiles(directory, files, { force: false });
    writeFiles(directory, files, { force: false });
    expect(readFileSync(join(directory, '.gitignore'), 'utf8')).toBe('venv\n.bake/\n');
  });
});

test.each([
  ['Word Counter', 'word-counter'],
  ['2nd_try', 'nd-try'],
  ['mail', 'mail-app'],
  ['a', 'a-app'],
  ['日本', 'application'],
  ['x'.repeat(40), 'x'.repeat(30)],
])('the directory %s gives a name that accounts, units and the cloud take: %s', (name, expected) => {
  expect(projectName(name)).toBe(expected);
});

test('every kind has a small application here', () => {
  expect(KINDS.filter((kind) => !NAMES.includes(kind))).toEqual([]);
});
