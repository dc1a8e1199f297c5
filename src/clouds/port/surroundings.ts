/** What sends requests to target groups: one listener, whose first target group gets all of them and the others none. */
export interface Front {
  targetGroups: string[];
}

/**
 * What an application has around it and bake itself only refers to: made by bake in rehearsals, on the local cloud, and nowhere else.
 * Everything is found or created.
 */
export interface Surroundings {
  logGroup(name: string): Promise<void>;
  bucket(name: string): Promise<void>;
  /** One that is fine, whatever it measures. */
  alarm(name: string): Promise<void>;
  setAlarm(name: string, state: 'ok' | 'alarm'): Promise<void>;
  /**
   * A load balancer with a listener for each of the fronts, and their target groups with a health check of `path`. Returns how each is
   * called now, by what it was called: not every cloud lets its user choose.
   */
  balance(fronts: Front[], target: { port: number; path: string }): Promise<Map<string, string>>;
  /** Lets go of sockets, so that the process can end. */
  close(): void;
}
