import { connect } from 'node:net';
import { AGENT_SOCKET, type AgentRequest, receiveLines, sendLine } from './agent/protocol.ts';
import type { Init } from './processes.ts';

/** Through the instance's root: a socket's path holds 108 bytes at most (unix(7)), a project's directory may be longer. */
const open = (init: Init) => connect(`/proc/${init.pid}/root${AGENT_SOCKET}`);

/** Asks an instance's agent. Rejects when it does not answer: not up yet, or gone while it worked. */
export function askAgent<T>(init: Init, request: AgentRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = open(init);
    socket.on('error', (error) =>
      reject(new Error(`the instance's agent does not answer: ${error.message}`)),
    );
    socket.on('close', () => reject(new Error("the instance's agent went away before it answered")));
    receiveLines<T>(socket, (answer) => {
      resolve(answer);
      socket.destroy();
    });
    sendLine(socket, request);
  });
}

/** Resolves once the agent answers; calls `lost` when the connection ends later. Rejects when there is nobody. */
export function watchAgent(init: Init, lost: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = open(init);
    let answered = false;
    socket.on('error', reject);
    socket.on('close', () => {
      if (answered) lost();
      else reject(new Error("the instance's agent went away"));
    });
    receiveLines(socket, () => {
      answered = true;
      // Watching alone keeps no daemon alive.
      socket.unref();
      resolve();
    });
    sendLine(socket, { do: 'watch' } satisfies AgentRequest);
  });
}
