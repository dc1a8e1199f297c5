import { basename } from 'node:path';
import { hasImage } from '../config/images.ts';
import type { Project } from '../config/schema.ts';
import { writeGithubOutput } from '../report/github/outputs.ts';
import { count } from '../run/format.ts';
import { withFailures } from './failure.ts';
import { type GlobalOptions, openProject } from './session.ts';

/** `bake validate`: checks everything that can be checked without a cloud. */
export const validate = (options: GlobalOptions): Promise<number> =>
  withFailures(options, async () => {
    const project = openProject(options);
    const line = options.json
      ? JSON.stringify({
          ok: true,
          file: project.file,
          environment: project.environment,
          config: project.config,
        })
      : description(project);
    process.stdout.write(`${line}\n`);
    writeGithubOutput(outputsOf(project));
    return 0;
  });

/** What the jobs of a workflow are made by. */
const outputsOf = ({ config, environment, environments }: Project): Record<string, string> => ({
  project: config.project,
  environment,
  environments: JSON.stringify(environments.length > 0 ? environments : [environment]),
  bakes: String(hasImage(config)),
});

/** A project that is valid, in one line. */
export function description({ config, environment, file }: Project): string {
  const parts = [`project ${config.project}`];
  if (environment !== 'default') parts.push(`environment ${environment}`);
  if (hasImage(config)) parts.push(count(config.image.layers.length, 'layer'));
  if (config.fleet) {
    const { name, size, instanceType } = config.fleet;
    parts.push(`fleet ${name} (${size.desired} × ${instanceType})`);
  } else if (!config.inPlace) parts.push('no fleet');
  if (config.inPlace) parts.push(`${config.inPlace.service} in place on ${serversOf(config.inPlace)}`);
  const { sqs, logs, http, commands } = config.smoke;
  const given = { sqs, logs, http: http[0], commands: commands[0] };
  const smoke = Object.entries(given).flatMap(([name, test]) => (test === undefined ? [] : [name]));
  parts.push(smoke.length > 0 ? `smoke: ${smoke.join(', ')}` : 'no smoke tests');
  return `${basename(file)} is valid: ${parts.join(', ')}`;
}

const serversOf = ({ hosts, tags, group }: NonNullable<Project['config']['inPlace']>): string =>
  hosts ? count(hosts.length, 'server') : tags ? 'servers by tags' : `the instances of ${group}`;
