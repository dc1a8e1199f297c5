import type { Plan } from './plan.ts';

/** A file to write, relative to the project. */
export interface SetupFile {
  path: string;
  text: string;
  executable?: boolean;
  /** What it is, in a few words. */
  what: string;
}

/** Everything under deploy/ that is made for this application. */
export function deployFiles(plan: Plan): SetupFile[] {
  const { answers, application, logGroup } = plan;
  const files: SetupFile[] = [
    { path: `deploy/${answers.project}.service`, text: unitOf(plan), what: 'the service' },
    {
      path: 'deploy/application.sh',
      text: applicationScript(plan),
      executable: true,
      what: 'provisioner: readies the uploaded source',
    },
    {
      path: 'deploy/user-data.sh',
      text: userDataOf(plan),
      executable: true,
      what: 'runtime configuration, written at first boot',
    },
  ];
  if (application.requirements !== undefined)
    files.push({
      path: 'deploy/requirements.txt',
      text: application.requirements,
      what: 'dependencies, of pyproject.toml',
    });
  if (application.kind === 'docker')
    files.push({
      path: `deploy/local/${answers.project}.service`,
      text: standIn(plan),
      what: 'takes the place of the container in a rehearsal',
    });
  for (const [name, text] of Object.entries(application.extra?.(answers.health) ?? {}))
    files.push({ path: `deploy/${name}`, text, what: 'what the service starts' });
  if (logGroup === undefined) return files;
  const { log } = plan.places;
  files.push(
    {
      path: 'deploy/cloudwatch-agent.json',
      text: agentOf(plan),
      what: 'sends the log file to CloudWatch Logs',
    },
    {
      path: 'deploy/logrotate',
      text: `${log}/*.log {\n  daily\n  rotate 7\n  size 50M\n  missingok\n  notifempty\n  compress\n  copytruncate\n}\n`,
      what: 'keeps the log file small',
    },
  );
  if (answers.cloud === 'aws')
    files.push({
      path: 'deploy/policies/instance.json',
      text: instancePolicy(plan),
      what: 'what the instances may do',
    });
  return files;
}

/** Answers every request; what the environment file says reaches it as it would the container. */
const standIn = ({ answers, places }: Plan) => `[Unit]
Description=${answers.project}: takes the place of the container in a rehearsal
ConditionPathExists=${places.environment}

[Service]
EnvironmentFile=${places.environment}
ExecStart=/usr/bin/env node -e "require('http').createServer((_, answer) => answer.end('well')).listen(process.env.PORT, process.env.HOST)"
Restart=always

[Install]
WantedBy=multi-user.target
`;

function unitOf({ answers, application, places, logGroup }: Plan): string {
  const { project } = answers;
  const { environment, app, state, log } = places;
  const container = application.kind === 'docker';
  const variables = {
    PYTHONUNBUFFERED: /^(python|django)$/.test(application.kind) ? '1' : undefined,
    PYTHONDONTWRITEBYTECODE: /^(python|django)$/.test(application.kind) ? '1' : undefined,
    NODE_ENV: application.kind === 'node' ? 'production' : undefined,
    ...application.environment?.(places),
  };
  const set = Object.entries(variables).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return `[Unit]
Description=${project}
Wants=network-online.target
After=network-online.target${container ? ' docker.service\nRequires=docker.service' : ''}
# User data writes it and starts the service; at later boots it is there already.
ConditionPathExists=${environment}

[Service]
${container ? '' : `User=${project}\n`}WorkingDirectory=${app}
EnvironmentFile=${environment}
${set.length > 0 ? `Environment=${set.join(' ')}\n` : ''}ExecStart=${application.command(places)}
${container ? 'ExecStop=/usr/bin/docker stop --time 25 application\n' : ''}Restart=always
RestartSec=1
# Time to finish what it has in hand.
TimeoutStopSec=${application.web ? 35 : 60}
${logGroup === undefined ? '' : `StandardOutput=append:${log}/${project}.log\nStandardError=append:${log}/${project}.log\n`}${
  container
    ? ''
    : `NoNewPrivileges=yes
PrivateTmp=yes
ProtectHome=yes
ProtectSystem=strict
ReadWritePaths=${state}
`
}
[Install]
WantedBy=multi-user.target
`;
}

function applicationScript({ application, places }: Plan): string {
  const commands =
    application.kind === 'docker'
      ? ['systemctl start docker.service', 'docker build --quiet --tag application:release .']
      : application.prepare(places);
  return `#!/usr/bin/env bash
# Runs on the builder, after the source was uploaded and before the image is made: the place for what has to be made from the source.
# It runs as root, and the service cannot change its files.
set -euo pipefail
cd ${places.app}
${commands.length > 0 ? `\n${commands.join('\n')}\n` : ''}echo "$(find . -type f | wc -l) files in ${places.app}"
`;
}

/** By the names that its source gives them, what bake knows. */
function knownVariable(name: string, { answers, logGroup }: Plan): string | undefined {
  const { queue } = answers;
  if (queue !== undefined && /QUEUE/.test(name)) return /URL/.test(name) ? undefined : '${vars.queue}';
  if (logGroup !== undefined && /LOG_?GROUP/.test(name)) return '${vars.logGroup}';
  if (/^(AWS_)?(DEFAULT_)?REGION$|^AWS_DEFAULT_REGION$/.test(name)) return '${region}';
  // Load balancers ask by address.
  if (name.endsWith('ALLOWED_HOSTS')) return '*';
  return /RELEASE|VERSION$/.test(name) ? '${release}' : undefined;
}

/** boto3 reads the second one only. */
const REGIONS = ['AWS_REGION', 'AWS_DEFAULT_REGION'];
/** What the cloud, the unit or this file itself sets. */
const SAFE = /^(HOST|PORT|AWS_ENDPOINT\w*|AWS_ACCESS\w+|AWS_SECRET\w+|AWS_SESSION\w+|AWS_PROFILE)$/;

function userDataOf(plan: Plan): string {
  const { answers, application, places, logGroup } = plan;
  const { project, cloud, port } = answers;
  const names = [...new Set([...(cloud === 'aws' ? REGIONS : []), ...application.variables])].filter(
    (name) => !SAFE.test(name),
  );
  const known = names.map((name) => [name, knownVariable(name, plan)] as const);
  const queueUrl =
    answers.queue === undefined ? undefined : names.find((name) => /QUEUE.*URL|URL.*QUEUE/.test(name));
  const lines = known.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const open = known.flatMap(([name, value]) => (value === undefined && name !== queueUrl ? [name] : []));
  const ask =
    open.length === 0
      ? ''
      : `\n# The source also reads these; put values here, and let secrets be fetched by the instance's role:\n${open.map((name) => `#   ${name}`).join('\n')}`;
  return `#!/usr/bin/env bash
# Runs once, at an instance's first boot. What differs between environments belongs here, and never into the image.
# bake fills in $\${project}, $\${environment}, $\${release}, $\${region}, and $\${vars.…} of fleet.variables (bake.yaml).
# shellcheck disable=SC2154,SC2016,SC2034
set -euo pipefail
${ask}
install -d -m 0755 /etc/${project}
cat >${places.environment} <<'ENVIRONMENT'
${lines.join('\n')}${lines.length > 0 ? '\n' : ''}ENVIRONMENT
${queueUrl === undefined ? '' : queueUrlLines(queueUrl, places.environment)}${
  application.web
    ? `
# On bake's local cloud instances share the machine's network: each listens on its own address.
listen=0.0.0.0
if [ -n "\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-}" ]; then
  listen=\${AWS_EC2_METADATA_SERVICE_ENDPOINT#*://}
  listen=\${listen%%[:/]*}
fi
printf 'HOST=%s\\nPORT=%s\\n' "$listen" ${port} >>${places.environment}
${application.kind === 'node' ? nodeListens(places.environment, places.home) : ''}`
    : ''
}
# bake's test of a new image runs this as well, and must touch nothing of production.
if [ "\${BAKE_CHECK:-}" = 1 ]; then exit 0; fi
${
  logGroup === undefined
    ? ''
    : `sed 's|LOG_GROUP|\${vars.logGroup}|' ${places.home}/cloudwatch-agent.json >/etc/${project}/cloudwatch-agent.json
amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:/etc/${project}/cloudwatch-agent.json
`
}systemctl restart ${project}.service
echo "${project} of \${environment}, release \${release}, has started"
`;
}

/** The account's number, which the address of a queue has in it, is in the instance's identity document. */
const queueUrlLines = (name: string, file: string) => `
metadata=\${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}
token=$(curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "\${metadata%/}/latest/api/token")
account=$(curl -fsS -H "X-aws-ec2-metadata-token: $token" "\${metadata%/}/latest/dynamic/instance-identity/document" |
  sed -n 's/.*"accountId" *: *"\\([0-9]*\\)".*/\\1/p')
endpoint=\${AWS_ENDPOINT_URL:-https://sqs.\${region}.amazonaws.com}
echo "${name}=\${endpoint%/}/$account/\${vars.queue}" >>${file}
`;

/** Many programs listen on every address whatever HOST says, which only one instance of a machine could do. */
const nodeListens = (file: string, home: string) => `if [ "$listen" != 0.0.0.0 ]; then
  cat >${home}/own-address.cjs <<'SCRIPT'
const { Server } = require('node:net');
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const after = rest.filter((one) => typeof one === 'function');
  const number = Number(typeof port === 'object' && port !== null ? port.port : port);
  if (Number.isNaN(number)) return listen.call(this, port, ...rest);
  return listen.call(this, { port: number, host: process.env.HOST }, ...after);
};
SCRIPT
  echo 'NODE_OPTIONS=--require=${home}/own-address.cjs' >>${file}
fi
`;

/** Its log group differs between environments: user data puts it in. */
const agentOf = ({ answers, places }: Plan) =>
  `${JSON.stringify(
    {
      agent: { metrics_collection_interval: 60, run_as_user: 'cwagent' },
      logs: {
        logs_collected: {
          files: {
            collect_list: [
              {
                file_path: `${places.log}/${answers.project}.log`,
                log_group_name: 'LOG_GROUP',
                log_stream_name: '{instance_id}',
                retention_in_days: 30,
              },
            ],
          },
        },
      },
      metrics: {
        append_dimensions: {
          AutoScalingGroupName: '${aws:AutoScalingGroupName}',
          InstanceId: '${aws:InstanceId}',
        },
        metrics_collected: {
          mem: { measurement: ['mem_used_percent'] },
          disk: { measurement: ['used_percent'], resources: ['/'] },
        },
      },
    },
    undefined,
    2,
  )}\n`;

function instancePolicy({ answers }: Plan): string {
  const { project, queue } = answers;
  const statement = (Sid: string, Action: string[], Resource: string | string[]) => ({
    ...{ Sid, Effect: 'Allow', Action, Resource },
  });
  const statements = [
    ...(queue === undefined
      ? []
      : [
          statement(
            'ReceiveMessages',
            [
              'sqs:ChangeMessageVisibility',
              'sqs:DeleteMessage',
              'sqs:GetQueueAttributes',
              'sqs:GetQueueUrl',
              'sqs:ReceiveMessage',
            ],
            [`arn:aws:sqs:*:*:${queue}`, `arn:aws:sqs:*:*:${queue}-staging`],
          ),
        ]),
    statement(
      'SendLogs',
      [
        'logs:CreateLogGroup',
        'logs:CreateLogStream',
        'logs:DescribeLogStreams',
        'logs:PutLogEvents',
        'logs:PutRetentionPolicy',
      ],
      [`/${project}/application`, `/${project}-staging/application`].flatMap((group) => [
        `arn:aws:logs:*:*:log-group:${group}`,
        `arn:aws:logs:*:*:log-group:${group}:*`,
      ]),
    ),
    statement('SendMetrics', ['cloudwatch:PutMetricData'], '*'),
    statement('TagsOfMetrics', ['ec2:DescribeTags'], '*'),
  ];
  return `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, undefined, 2)}\n`;
}
