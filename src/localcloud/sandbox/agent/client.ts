// What `systemctl`, `journalctl`, `shutdown` … are inside an instance: hands the command line to the agent.
import { connect } from 'node:net';
import {
  AGENT_SOCKET,
  type AgentRequest,
  LOOK_SOCKET,
  receiveLines,
  sendLine,
  type ToolOutput,
} from './protocol.ts';

const [tool = '', ...args] = process.argv.slice(2);
const socket = connect(process.getuid?.() === 0 ? AGENT_SOCKET : LOOK_SOCKET);
let exitCode = 1;
socket.on('error', (error) =>
  process.stderr.write(`${tool}: the service manager does not answer: ${error.message}\n`),
);
socket.on('close', () => {
  process.exitCode = exitCode;
});
process.stdout.on('error', () => socket.destroy()); // `journalctl -f | head -1`
receiveLines<ToolOutput>(socket, ({ out, err, exit }) => {
  if (out !== undefined) process.stdout.write(out);
  if (err !== undefined) process.stderr.write(err);
  if (exit === undefined) return;
  exitCode = exit;
  socket.end();
});
sendLine(socket, { do: 'tool', tool, args } satisfies AgentRequest);
