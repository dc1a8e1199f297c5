/** What an instance needs to start. */
export interface BootRequest {
  instanceId: string;
  /** Layer ids of the image, topmost first; the runtime's own base lies under them. */
  layers: string[];
  /** Plain user data, run at the first boot only. */
  userData: string;
  firstBoot: boolean;
  hostname: string;
  /** Its own address, in 127.0.0.0/8 where processes run. */
  address: string;
  /** The key pair's public half, a line of authorized_keys: the instance then offers SSH. */
  publicKey?: string;
  /** Environment of everything that runs in it: endpoints, region, metadata address. */
  environment: Record<string, string>;
}

export interface CommandOutcome {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/**
 * Where instances really run. The engine knows states; a runtime knows processes.
 * `sandbox` runs them in Linux namespaces; `none` runs nothing and answers at once (a thousand instances on a laptop).
 */
export interface Runtime {
  readonly kind: 'sandbox' | 'none';
  /** One sentence for people: "sandboxed processes on this machine's own files (overlay, as root)". */
  readonly description: string;
  /** Resolves when the instance's init is up; user data goes on running after that. */
  boot(request: BootRequest): Promise<void>;
  /** Whether the instance's agent answers. */
  reachable(instanceId: string): Promise<boolean>;
  /** Orderly shutdown: services get SIGTERM and their stop time-out, then everything ends. The disk stays. */
  shutdown(instanceId: string): Promise<void>;
  /** Ends everything at once and removes the instance's disk. Succeeds when there is nothing. */
  destroy(instanceId: string): Promise<void>;
  /** Makes the instance's writable layer an image layer; the instance goes on with a fresh one above it. Instance stopped, or `live`: copied. */
  freeze(instanceId: string, layerId: string, options: { live: boolean }): Promise<void>;
  removeLayer(layerId: string): Promise<void>;
  /** What the instance has written to its console so far (boot messages and user data's output). */
  consoleOutput(instanceId: string): Promise<string>;
  /** Runs a shell script as root in the instance. Rejects when the agent cannot be reached. */
  run(
    instanceId: string,
    command: { id: string; script: string; timeoutMs: number },
  ): Promise<CommandOutcome>;
  cancel(instanceId: string, commandId: string): Promise<void>;
  /** Called when an instance ended by itself (shutdown from inside, or its init died). */
  onEnd(listener: (instanceId: string) => void): void;
  /** After a restart of the daemon: takes up instances that still run; returns those that do not any more. */
  recover(instanceIds: string[]): Promise<string[]>;
}
