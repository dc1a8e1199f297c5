import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Commands } from './commands.ts';
import type { Machine } from './machine.ts';
import { AGENT_SOCKET, type AgentRequest, receiveLines, sendLine, type ToolOutput } from './protocol.ts';
import { tools } from './tools/index.ts';

/** Listens for the daemon and for the tools inside. Resolves when it does. */
export function serve(machine: Machine, commands: Commands): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // Whoever asked has gone.
    receiveLines<AgentRequest>(socket, (request) => {
      answer(request, socket, machine, commands).catch((error: Error) => socket.destroy(error));
    });
  });
  rmSync(AGENT_SOCKET, { force: true }); // Of before a reboot.
  // Root only: whoever may connect may run commands.
  const before = process.umask(0o177);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(AGENT_SOCKET, () => {
      process.umask(before);
      resolve(server);
    });
  });
}

async function answer(request: AgentRequest, socket: Socket, machine: Machine, commands: Commands) {
  switch (request.do) {
    case 'watch':
      return sendLine(socket, {});
    case 'run':
      return sendLine(socket, await commands.run(request.id, request.script, request.timeoutMs));
    case 'cancel':
      await commands.cancel(request.id);
      return sendLine(socket, {});
    case 'shutdown':
      sendLine(socket, {});
      return machine.power.end('poweroff');
    case 'tool':
      return runTool(request.tool, request.args, socket, machine);
  }
}

async function runTool(name: string, args: string[], socket: Socket, machine: Machine): Promise<void> {
  const send = (output: ToolOutput) => void sendLine(socket, output);
  const io = {
    out: (text: string) => send({ out: text }),
    err: (text: string) => send({ err: text }),
    onClose: (listener: () => void) => void socket.once('close', listener),
  };
  try {
    const tool = tools[name];
    if (!tool) throw new Error('the local cloud has no such tool');
    send({ exit: await tool(args, io, machine) });
  } catch (error) {
    io.err(`${name}: ${(error as Error).message}\n`);
    send({ exit: 1 });
  }
}
