import type { Plan } from './plan.ts';

/** Left out of every image: what belongs to the repository, and what holds secrets. */
const NEVER = ['.git', '.github', '.bake', 'bake.yaml', 'deploy', '.env*', '*.pem'];

interface Layer {
  name: string;
  provisioners: Record<string, unknown>[];
}

/** Base, dependencies, application: what changes seldom lies lowest. */
export function layersOf(plan: Plan): Layer[] {
  return [baseOf(plan), dependenciesOf(plan), applicationOf(plan)].filter(
    ({ provisioners }) => provisioners.length > 0,
  );
}

/** The same without the container. */
export function rehearsedLayersOf(plan: Plan): Layer[] {
  const { project } = plan.answers;
  return layersOf(plan).map(({ name, provisioners }) => ({
    name,
    provisioners: provisioners
      .filter(({ script }) => script !== 'bake:docker' && script !== 'deploy/application.sh')
      .map((one) =>
        one.upload === `deploy/${project}.service`
          ? { ...one, upload: `deploy/local/${project}.service` }
          : one,
      ),
  }));
}

function baseOf({ application, logGroup, places }: Plan): Layer {
  const config = `${places.home}/cloudwatch-agent.json`;
  return {
    name: 'base-os',
    provisioners: [
      {
        script: 'bake:base-os',
        ...(logGroup !== undefined && { environment: { PACKAGES: 'logrotate' } }),
        timeout: '20m',
        retries: 1,
      },
      ...(logGroup === undefined
        ? []
        : [{ upload: 'deploy/cloudwatch-agent.json', to: config }, { script: 'bake:cloudwatch-agent' }]),
      ...(application.kind === 'docker' ? [{ script: 'bake:docker', timeout: '15m', retries: 1 }] : []),
    ],
  };
}

/** Before the source, so that a change of the source leaves them alone. Node.js and Ruby find packages in a parent directory, too. */
function dependenciesOf({ answers, application, source, places }: Plan): Layer {
  const { home, venv } = places;
  const upload = (file: string, name = file.slice(file.lastIndexOf('/') + 1)) => ({
    upload: source === '.' || file.startsWith('deploy/') ? file : `${source}/${file}`,
    to: `${home}/${name}`,
  });
  const run = (script: string, environment: Record<string, string>) => ({
    ...{ script, environment },
    timeout: '15m',
    retries: 1,
  });
  const layer = (...provisioners: Record<string, unknown>[]) => ({ name: 'dependencies', provisioners });
  switch (application.kind) {
    case 'python':
    case 'django': {
      const file = application.requirements ? 'deploy/requirements.txt' : application.dependencies;
      const installed: Record<string, string> =
        file === undefined ? {} : { REQUIREMENTS: `${home}/requirements.txt` };
      return layer(
        ...(file === undefined ? [] : [upload(file, 'requirements.txt')]),
        run('bake:python', { VENV: venv, ...installed }),
      );
    }
    case 'node':
      return layer(
        ...['package.json', ...application.locks].map((file) => upload(file)),
        run('bake:node', { DIRECTORY: home }),
      );
    case 'rails': {
      const development = answers.cloud === 'aws' ? 'ruby3.2-devel' : 'ruby-devel';
      const compilers = `gcc gcc-c++ make libyaml-devel ${development}`;
      return layer(
        ...['Gemfile', ...application.locks].map((file) => upload(file)),
        run('bake:ruby', { DIRECTORY: home, BUILD_PACKAGES: compilers }),
      );
    }
    case 'docker':
      return layer();
  }
}

function applicationOf({ answers, application, source, places, logGroup }: Plan): Layer {
  const { project } = answers;
  const { home, app, state, log } = places;
  const directories = [`${state}:0750`, ...(logGroup === undefined ? [] : [`${log}:0755`])];
  const unit = `${home}/${project}.service`;
  return {
    name: 'application',
    provisioners: [
      { script: 'bake:app-user', environment: { APP_USER: project, DIRECTORIES: directories.join(' ') } },
      { upload: source, to: app, ignore: [...new Set([...NEVER, ...application.ignore])] },
      ...Object.keys(application.extra?.(answers.health) ?? {}).map((name) => ({
        upload: `deploy/${name}`,
        to: `${home}/${name}`,
      })),
      { script: 'deploy/application.sh', timeout: '15m' },
      ...(logGroup === undefined
        ? []
        : [{ upload: 'deploy/logrotate', to: `/etc/logrotate.d/${project}`, mode: '0644' }]),
      { upload: `deploy/${project}.service`, to: unit },
      { script: 'bake:systemd-service', environment: { UNIT: unit } },
    ],
  };
}
