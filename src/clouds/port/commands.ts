export type CommandState = 'pending' | 'running' | 'success' | 'failed' | 'timed-out' | 'cancelled';

export interface CommandResult {
  state: CommandState;
  exitCode?: number;
  /** At most the first 24,000 characters (AWS: GetCommandInvocation). */
  stdout: string;
  /** At most the first 8,000 characters. */
  stderr: string;
}

export interface Commands {
  /** Whether the agent on the instance answers. */
  reachable(instanceId: string): Promise<boolean>;
  /** Runs a shell script as root. Not idempotent (the clouds offer no token): guard the script where it matters. */
  send(instanceId: string, script: string, options: { timeout: number; comment?: string }): Promise<string>;
  result(instanceId: string, commandId: string): Promise<CommandResult>;
  /** Those of these instances whose agent answers. */
  reachableAmong(instanceIds: string[]): Promise<string[]>;
  /**
   * Runs one script on several instances at once, as `send` does on one: the number of calls grows by page only. Fails when one of
   * them is not reachable. Returns the ids of the commands.
   */
  sendToAll(
    instanceIds: string[],
    script: string,
    options: { timeout: number; comment?: string },
  ): Promise<string[]>;
  /** What became of a command of `sendToAll`, by instance. The output is cut short (AWS: 2,500 characters). */
  resultsOf(commandId: string): Promise<Map<string, CommandResult>>;
  /** On every instance that it was sent to. */
  cancelAll(commandId: string): Promise<void>;
}
