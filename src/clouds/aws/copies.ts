import type { GroupCopies } from '../cloud.ts';
import type { Connection } from './connection.ts';

export function copies(_aws: Connection): GroupCopies {
  throw new Error('being written');
}
