/** AWS: WarmPoolConfiguration. */
export interface WarmPool {
  /** Absent: the group's maximum. */
  maxPrepared?: number;
  minSize: number;
  state: 'Stopped' | 'Running' | 'Hibernated';
  reuseOnScaleIn: boolean;
  /** Being deleted: its instances go first. */
  deleting?: true;
}
