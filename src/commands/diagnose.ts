import { diagnose as diagnoseFleet } from '../api/look.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

/** `bake diagnose`: exit code 0 when nothing wrong was found, 1 when something was. Changes nothing. */
export const diagnose = (options: GlobalOptions): Promise<number> =>
  hostOperation('diagnose', options, ({ project, run }) => diagnoseFleet(project, run), { page: false });
