import type { Traffic } from '../cloud.ts';
import type { Connection } from './connection.ts';

export function traffic(_aws: Connection): Traffic {
  throw new Error('being written');
}
