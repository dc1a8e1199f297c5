import type { Connection } from './connection.ts';
import { failedWith } from './errors.ts';

/** How long another activity of the group may hold a change up. */
const BUSY_WINDOW = 60_000;

/** Another change of the group is still being carried out. */
export const isContention = (error: unknown): boolean => failedWith(error, 'ResourceContention');

/** Changes a group: calls again while another change or activity of it holds this one up. */
export const whileBusy = <T>(aws: Connection, call: () => Promise<T>): Promise<T> =>
  aws.again(
    call,
    (error) => isContention(error) || failedWith(error, 'ScalingActivityInProgress'),
    BUSY_WINDOW,
  );
