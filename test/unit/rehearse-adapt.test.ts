import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadProject } from '../../src/config/load.ts';
import { mergedConfig } from '../../src/config/merged.ts';
import type { Project } from '../../src/config/schema.ts';
import { adapt } from '../../src/rehearse/adapt.ts';
import { whyNot } from '../../src/rehearse/applies.ts';
import { aroundOf } from '../../src/rehearse/around.ts';
import { rehearsalEnvironment } from '../../src/rehearse/environment.ts';
import { shippedScenarios } from '../../src/rehearse/scenarios.ts';
import { Workspace } from '../../src/rehearse/workspace.ts';
import { temporaryDirectory } from '../helpers/cli.ts';

const spaces: { remove(): void }[] = [];
afterAll(() => {
  for (const space of spaces) space.remove();
});

const WORKER = {
  project: 'shop',
  image: {
    base: { id: 'ami-0123456789abcdef0' },
    builder: { subnets: ['subnet-1'], securityGroups: ['sg-1'], instanceProfile: 'builder' },
    layers: [
      { name: 'os', provisioners: [{ script: 'setup.sh' }, { inline: 'echo $HOME' }] },
      { name: 'application', provisioners: [{ upload: 'app', to: '/opt/app' }] },
    ],
  },
  fleet: {
    name: 'workers',
    size: { min: 2, max: 40, desired: 20 },
    subnets: ['subnet-1'],
    securityGroups: ['sg-2'],
    keyName: 'ops',
    userData: 'user-data.sh',
    variables: { jobQueue: 'jobs', logGroup: '/shop/worker', mode: '${env.MODE:-fast}' },
    lifecycleHooks: [{ name: 'drain', on: 'terminate', heartbeat: '10m' }],
    warmup: '90s',
    targetGroups: ['arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/web/0123456789abcdef'],
  },
  rollout: { checkpoints: [50, 100], checkpointDelay: '10m', alarms: ['errors'] },
  smoke: {
    sqs: {
      queue: 'https://sqs.eu-west-1.amazonaws.com/111111111111/jobs',
      message: '{"id":"${smoke.id}"}',
      logGroup: '/shop/worker',
    },
    http: [{ path: '/ready', port: 8080 }],
  },
  hooks: { beforeRollout: [{ run: './migrate' }] },
  notify: { slack: { channel: '#deploys' } },
};

/** A project on disk, and the one that is rehearsed in its place. */
function rehearsed(
  config: object = WORKER,
  environment?: string,
): { project: Project; played: Project; differences: string[] } {
  const directory = temporaryDirectory('rehearse-unit');
  mkdirSync(join(directory, 'app'));
  for (const file of ['setup.sh', 'user-data.sh', 'app/main.py'])
    writeFileSync(join(directory, file), '#!/bin/sh\n');
  writeFileSync(join(directory, 'bake.yaml'), stringify(config));
  const project = loadProject({ directory, variables: {}, environment });
  const { config: raw, differences } = adapt(mergedConfig(project), project, { speed: 60, hooks: false });
  const workspace = new Workspace(raw);
  spaces.push(workspace, { remove: () => rmSync(directory, { recursive: true }) });
  workspace.write(1);
  const played = loadProject({ directory: workspace.directory, variables: {}, environment });
  return { project, played, differences };
}

describe('the configuration that is rehearsed', () => {
  const { project, played, differences } = rehearsed();

  it('is valid, and names the files of the user where they are', () => {
    const [os, application] = played.config.image.layers;
    expect(os!.provisioners[0]).toMatchObject({ script: join(project.directory, 'setup.sh') });
    expect(application!.provisioners[0]).toMatchObject({ upload: join(project.directory, 'app') });
    expect(played.config.fleet!.userData).toBe(join(project.directory, 'user-data.sh'));
  });

  it('has nothing of the account: networks, keys, images', () => {
    const { fleet, image } = played.config;
    expect(fleet).toMatchObject({ subnets: [], securityGroups: [] });
    expect(fleet).not.toHaveProperty('keyName');
    expect(image.builder).toMatchObject({ subnets: [], securityGroups: [], instanceProfile: 'builder' });
    expect(image.base).toHaveProperty('ssmParameter');
  });

  it('is smaller and faster, runs no hooks, tells nobody, and says so', () => {
    const { fleet, rollout, hooks, notify } = played.config;
    expect(fleet!.size).toEqual({ min: 2, max: 6, desired: 3 });
    expect(fleet).toMatchObject({ warmup: 2_000, lifecycleHooks: [{ heartbeat: 30_000 }] });
    expect(rollout).toMatchObject({ checkpoints: [50, 100], checkpointDelay: 10_000, alarms: ['errors'] });
    expect([hooks.beforeRollout, notify.slack]).toEqual([[], undefined]);
    expect(differences.join('\n')).toMatch(/hooks are not run/);
    expect(differences).toContain('3 instances stand for 20');
  });

  it('keeps placeholders and variables as they are written, so that no secret gets into a file', () => {
    expect(played.config.smoke.sqs!.message).toBe('{"id":"${smoke.id}"}');
    expect(mergedConfig(played)).toHaveProperty('fleet.variables.mode', '${env.MODE:-fast}');
  });

  it('gets everything that it refers to: queues by name or URL, log groups, alarms, target groups', () => {
    expect(aroundOf(project)).toMatchObject({
      queues: ['jobs'],
      logGroups: ['/shop/worker'],
      alarms: ['errors'],
      fronts: [{ targetGroups: [WORKER.fleet.targetGroups[0]] }],
      target: { port: 8080, path: '/ready' },
    });
  });

  it('is another release with every number, made by the top layer alone', () => {
    const provisioners = played.config.image.layers.map((layer) => layer.provisioners.length);
    expect(provisioners).toEqual([2, 2]);
  });
});

it('an environment is rehearsed under its own name', () => {
  const { played } = rehearsed(
    { ...WORKER, environments: { staging: { fleet: { name: 'staging-workers' } } } },
    'staging',
  );
  expect([played.environment, played.config.fleet!.name]).toEqual(['staging', 'staging-workers']);
});

it('what opens something real is kept back from a rehearsal, unless bake.yaml needs a word in its place', () => {
  const own = {
    AWS_PROFILE: 'prod',
    AWS_SECRET_ACCESS_KEY: 's',
    GITHUB_TOKEN: 't',
    SLACK_BOT_TOKEN: 'x',
    HOME: '/root',
  };
  expect(rehearsalEnvironment(own, 'tags: { who: "${env.AWS_PROFILE}" }')).toMatchObject({
    AWS_PROFILE: 'rehearsal',
    AWS_SECRET_ACCESS_KEY: undefined,
    GITHUB_TOKEN: undefined,
    SLACK_BOT_TOKEN: undefined,
    AWS_CONFIG_FILE: '/dev/null',
  });
  expect(rehearsalEnvironment(own, '')).not.toHaveProperty('HOME');
});

it('scenarios that say nothing about a configuration are left out with the reason', () => {
  const { smoke: _, ...withoutTests } = WORKER;
  const why = (config: object) => {
    const { project } = rehearsed(config);
    return Object.fromEntries(shippedScenarios().map((one) => [one.name, whyNot(project, one)]));
  };
  expect(why(WORKER)).toMatchObject({
    'throttled-api': undefined,
    'message-loss': undefined,
    alarm: undefined,
    'spot-reclaim': 'no builder is spot capacity (`image.builder.spot`)',
    'in-place-failure': 'releases are not brought in place',
  });
  expect(why({ ...withoutTests, rollout: {} })).toMatchObject({
    'smoke-failure': expect.stringContaining('add `smoke`'),
    'message-loss': expect.stringContaining('`smoke.sqs`'),
    alarm: 'there are no `rollout.alarms`',
  });
});
