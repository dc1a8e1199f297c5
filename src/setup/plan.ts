import type { Answers } from './answers.ts';
import type { Application, Places } from './application.ts';
import type { Found } from './detect.ts';

/** What every file that is written is made from. */
export interface Plan {
  answers: Answers;
  application: Application;
  /** Where the source lies, relative to bake.yaml. */
  source: string;
  places: Places & {
    log: string;
  };
  /** Whether log lines go to CloudWatch Logs, and to which group. */
  logGroup?: string;
}

export function planOf({ application, source }: Found, answers: Answers): Plan {
  const { project, cloud } = answers;
  const home = `/opt/${project}`;
  return {
    answers,
    application,
    source,
    places: {
      home,
      app: `${home}/app`,
      venv: `${home}/venv`,
      environment: `/etc/${project}/environment`,
      log: `/var/log/${project}`,
      state: `/var/lib/${project}`,
    },
    logGroup: cloud === 'aws' ? `/${project}/application` : undefined,
  };
}
