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

/** Accounts and units that systems have already: an application of the same name gets a longer one. */
const TAKEN =
  /^(root|bin|daemon|sys|sync|games|man|mail|news|proxy|backup|list|ftp|nobody|ssh|sshd|docker|nginx|cron)$/;

/**
 * A name that bake.yaml, Linux (an account has 32 letters at most) and EC2 (a launch template has 3 at least) take, made of a
 * directory's.
 */
export function projectName(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 30)
    .replace(/-+$/, '');
  if (plain === '') return 'application';
  return plain.length < 3 || TAKEN.test(plain) ? `${plain}-app` : plain;
}
