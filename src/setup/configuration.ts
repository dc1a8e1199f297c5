import { layersOf, rehearsedLayersOf } from './layers.ts';
import type { Plan } from './plan.ts';

/** The content of bake.yaml, and what is said of a key besides its own documentation. */
export interface Configuration {
  values: Record<string, unknown>;
  /** By path, keys joined by dots. */
  remarks: Record<string, string>;
}

const BASES = {
  aws: { ssmParameter: '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64' },
  alicloud: { family: 'acs:alibaba_cloud_linux_3_2104_lts_x64' },
};
const TYPES = { aws: ['t3.small', 't3a.small', 't2.small'], alicloud: ['ecs.c7.large', 'ecs.g7.large'] };

export function configurationOf(plan: Plan): Configuration {
  const { answers } = plan;
  const { project, cloud, region } = answers;
  return {
    values: {
      project,
      cloud,
      region,
      image: imageOf(plan),
      fleet: fleetOf(plan),
      rollout: rolloutOf(plan),
      smoke: smokeOf(plan),
      environments: environmentsOf(plan),
    },
    remarks: {
      'image.builder.instanceProfile':
        'A role with the policy AmazonSSMManagedInstanceCore: no port is open, and no key exists.',
      'fleet.instanceProfile': `What the instances may do: deploy/policies/instance.json.`,
      'smoke.sqs.message':
        'Must be a message that your worker understands; it has to print the mark ${smoke.id}.',
      'environments.local':
        'For `bake rehearse -e local`, where no container runs: a service that only answers takes its place.',
      environments: `What differs elsewhere: \`bake rollout -e staging\`.`,
    },
  };
}

function imageOf(plan: Plan) {
  const { answers, application, places } = plan;
  const { project, cloud } = answers;
  const { environment, state } = places;
  return {
    base: BASES[cloud],
    builder: {
      instanceTypes: TYPES[cloud],
      ...(cloud === 'aws' && { instanceProfile: `${project}-builder` }),
    },
    layers: layersOf(plan),
    verify: {
      files: [{ path: state, owner: project, mode: '0750' }],
      absent: [environment, `${places.app}/.env`],
      services: [{ name: project, user: application.kind === 'docker' ? 'root' : project }],
    },
    test: {
      userData: 'deploy/user-data.sh',
      checks: [`test -s ${environment}`, ...application.checks(places, project)].map((command) => ({
        command,
      })),
    },
    keep: 5,
  };
}

function fleetOf({ answers, application, logGroup }: Plan) {
  const { project, cloud, queue, port } = answers;
  const front = cloud === 'aws' ? project : `rsp-${project}:${port}`;
  return {
    name: project,
    instanceType: TYPES[cloud][0],
    ...(cloud === 'aws' && { instanceProfile: project }),
    size: { min: 2, max: 6, desired: 2 },
    healthCheck: {
      type: application.web && cloud === 'aws' ? 'elb' : 'ec2',
      gracePeriod: application.web ? '5m' : '2m',
    },
    warmup: '60s',
    ...(application.web && { targetGroups: [front] }),
    userData: 'deploy/user-data.sh',
    variables: {
      ...(queue !== undefined && { queue }),
      ...(logGroup !== undefined && { logGroup }),
    },
    ...(queue !== undefined && {
      scaling: [{ policy: 'bake:backlog', variables: { queue, target: '10' } }],
    }),
  };
}

function rolloutOf({ answers, application }: Plan) {
  const { project, cloud, strategy, port } = answers;
  if (strategy === 'rolling')
    return {
      strategy,
      minHealthyPercentage: 100,
      maxHealthyPercentage: 150,
      checkpoints: [50, 100],
      checkpointDelay: '1m',
    };
  const stop = { drainCommand: `systemctl stop ${project}`, resumeCommand: `systemctl start ${project}` };
  const pair = (group: string) => `rsp-${project}:${port}@${group}`;
  const weights = {
    traffic: 'weights',
    pairs: [{ blue: pair(project), green: pair(`${project}-green`) }],
    steps: [10, 50, 100],
    stepDelay: '1m',
  };
  return {
    strategy,
    blueGreen: {
      ...(application.web ? (cloud === 'alicloud' ? weights : { traffic: 'target-group' }) : stop),
      drainTimeout: '5m',
      hold: '30m',
      retire: 'later',
    },
  };
}

function smokeOf({ answers, application, logGroup }: Plan) {
  const { project, queue, port, health } = answers;
  return {
    ...(queue !== undefined &&
      logGroup !== undefined && {
        sqs: { queue, message: '{"job":"${smoke.id}"}', logGroup, timeout: '2m' },
      }),
    ...(application.web && { http: [{ path: health, port }] }),
    ...(logGroup !== undefined && { logs: { group: logGroup } }),
    ...(queue === undefined && !application.web && { commands: [{ run: `systemctl is-active ${project}` }] }),
  };
}

function environmentsOf(plan: Plan) {
  const { answers, application, logGroup } = plan;
  const { project, cloud, queue, port, strategy } = answers;
  const name = `${project}-staging`;
  const staged = queue === undefined ? undefined : `${queue}-staging`;
  const group = logGroup === undefined ? undefined : `/${name}/application`;
  const front = cloud === 'aws' ? name : `rsp-${name}:${port}`;
  const pair = (fleet: string) => `${front}@${fleet}`;
  const weights = strategy === 'blue-green' && cloud === 'alicloud' && application.web;
  return {
    staging: {
      fleet: {
        name,
        size: { min: 1, max: 2, desired: 1 },
        ...(application.web && { targetGroups: [front] }),
        variables: {
          ...(staged !== undefined && { queue: staged }),
          ...(group !== undefined && { logGroup: group }),
        },
        ...(staged !== undefined && {
          scaling: [{ policy: 'bake:backlog', variables: { queue: staged, target: '10' } }],
        }),
      },
      ...(weights && {
        rollout: { blueGreen: { pairs: [{ blue: pair(name), green: pair(`${name}-green`) }] } },
      }),
      smoke: {
        ...(staged !== undefined && {
          sqs: { queue: staged, ...(group !== undefined && { logGroup: group }) },
        }),
        ...(group !== undefined && { logs: { group } }),
      },
    },
    ...(application.kind === 'docker' && { local: rehearsalOf(plan) }),
  };
}

/** No container runs in an instance of the local cloud: what is around it is rehearsed with a service that only answers. */
const rehearsalOf = (plan: Plan) => ({
  image: {
    layers: rehearsedLayersOf(plan),
    test: { checks: [{ command: `test -s ${plan.places.environment}` }] },
  },
});
