import type { Socket } from 'node:net';

/** Where the agent listens inside the instance; the daemon reaches it through /proc/PID/root, whose path is always short. */
export const AGENT_SOCKET = '/run/bake/agent.sock';

/** Where it lets every user look at services, as systemd does. */
export const LOOK_SOCKET = '/run/bake/look.sock';

/** What the daemon or a tool inside asks, one JSON line per connection. */
export type AgentRequest =
  /** Answers `{}` at once, and leaves the connection open: its end tells that the agent has gone. */
  | { do: 'watch' }
  /** Answers with a CommandResult when the command has ended. The same id again: the same command, not a second one. */
  | { do: 'run'; id: string; script: string; timeoutMs: number }
  | { do: 'cancel'; id: string }
  /** Answers at once; then everything is stopped and the instance ends. */
  | { do: 'shutdown' }
  /** A tool's command line. Answers with any number of ToolOutput. */
  | { do: 'tool'; tool: string; args: string[] };

export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

export interface ToolOutput {
  out?: string;
  err?: string;
  /** The last message has it. */
  exit?: number;
}

export const sendLine = (socket: Socket, message: object) => socket.write(`${JSON.stringify(message)}\n`);

/** Calls `receive` for each JSON line. A line that is not JSON ends the connection. */
export function receiveLines<T>(socket: Socket, receive: (message: T) => void): void {
  let rest = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() as string;
    for (const line of lines) {
      let message: T;
      try {
        message = JSON.parse(line);
      } catch (error) {
        socket.destroy(error as Error);
        return;
      }
      receive(message);
    }
  });
}
