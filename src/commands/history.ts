import { history as readHistory } from '../api/look.ts';
import { type GlobalOptions, hostOperation } from './session.ts';

/** `bake history` */
export const history = (options: GlobalOptions): Promise<number> =>
  hostOperation('history', options, ({ project, run }) => readHistory(project, run), { page: false });
