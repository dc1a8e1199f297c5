import { status as readStatus } from '../api/look.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

/** `bake status` */
export const status = (options: GlobalOptions & { watch?: boolean }): Promise<number> =>
  hostOperation(
    'status',
    options,
    ({ project, run }) => readStatus(project, { ...run, watch: options.watch }),
    {
      page: false,
      interrupted: {
        first: 'not looking on any more: nothing is changed by that',
        second: 'nothing was changed',
      },
    },
  );
