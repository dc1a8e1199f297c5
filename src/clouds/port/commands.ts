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
  cancel(instanceId: string, commandId: string): Promise<void>;
}
