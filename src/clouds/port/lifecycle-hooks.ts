/** Holds up an instance that comes or goes, until the instance (or somebody for it) says that it may go on. */
export interface LifecycleHook {
  name: string;
  on: 'launch' | 'terminate';
  /** How long it waits without a word, milliseconds. */
  heartbeat: number;
  /** What happens when nobody says anything in time. */
  otherwise: 'continue' | 'abandon';
  /** A note that stays with the hook and comes with its notices. */
  note?: string;
}

/** The lifecycle hooks of scaling groups. Those of a new group are part of `groups.create`. */
export interface LifecycleHooks {
  /** Every hook of the group, whoever made it. */
  list(group: string): Promise<LifecycleHook[]>;
  /** Creates the hook or changes it. */
  put(group: string, hook: LifecycleHook): Promise<void>;
  remove(group: string, hook: string): Promise<void>;
}
