import { smoke as testFleet } from '../api/look.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

/** `bake smoke` */
export const smoke = (options: GlobalOptions & { release?: string }): Promise<number> =>
  hostOperation(
    'smoke',
    options,
    ({ project, run }) => testFleet(project, { ...run, release: options.release }),
    { page: false },
  );
