import type { Found } from './detect.ts';

export type Strategy = 'rolling' | 'blue-green';

/** What has to be known besides what the directory tells. */
export interface Answers {
  project: string;
  cloud: 'aws' | 'alicloud';
  region: string;
  strategy: Strategy;
  /** Queue that the workers receive from; undefined: none. */
  queue?: string;
  /** Of a web application. */
  port: number;
  health: string;
}

export const DEFAULT_REGIONS = { aws: 'eu-central-1', alicloud: 'ap-northeast-1' } as const;

/** What is taken where nobody answers. `name` is that of the project's directory. */
export function defaultAnswers(found: Found, name: string, cloud: Answers['cloud'] = 'aws'): Answers {
  const { application } = found;
  const project = projectName(name);
  return {
    project,
    cloud,
    region: DEFAULT_REGIONS[cloud],
    strategy: 'rolling',
    queue: application.queue && cloud === 'aws' ? `${project}-jobs` : undefined,
    port: application.port,
    health: application.health,
  };
}

/** A name that bake.yaml and Linux take (an account has 32 letters at most), made of a directory's. */
export const projectName = (name: string): string =>
  name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30)
    .replace(/-+$/, '') || 'application';
