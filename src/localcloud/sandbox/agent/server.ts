import { rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import type { Commands } from './commands.ts';
import type { Machine } from './machine.ts';
import {
  AGENT_SOCKET,
  type AgentRequest,
  LOOK_SOCKET,
  receiveLines,
  sendLine,
  type ToolOutput,
} from './protocol.ts';
import { tools } from './tools/index.ts';

/** Listens for the daemon and for the tools inside. Resolves when it does. */
export async function serve(machine: Machine, commands: Commands): Promise<Server> {
  await listen(LOOK_SOCKET, 0o000, async (request, socket) => {
    if (request.do === 'tool') await look(request, socket, machine);
    else socket.destroy();
  });
  // Root only: whoever may connect may run commands.
  return listen(AGENT_SOCKET, 0o177, (request, socket) => answer(request, socket, machine, commands));
}

function listen(
  path: string,
  umask: number,
  work: (request: AgentRequest, socket: Socket) => Promise<unknown>,
): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // Whoever asked has gone.
    receiveLines<AgentRequest>(socket, (request) => {
      work(request, socket).catch((error: Error) => socket.destroy(error));
    });
  });
  rmSync(path, { force: true }); // Of before a reboot.
  const before = process.umask(umask);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      process.umask(before);
      resolve(server);
    });
  });
}

/** What systemd lets every user ask; what changes something is polkit's, which nobody can answer here. */
const LOOKING = /^(is-\w[\w-]*|show|cat|list-[\w-]+|get-default)$/;

async function look({ tool, args }: AgentRequest & { do: 'tool' }, socket: Socket, machine: Machine) {
  const verb = args.find((word) => !word.startsWith('-')) ?? 'list-units';
  if (tool === 'systemctl' && LOOKING.test(verb)) return runTool(tool, args, socket, machine);
  const what = tool === 'systemctl' ? `Failed to ${verb} ${args.at(-1)}` : tool;
  sendLine(socket, { err: `${what}: Interactive authentication required.\n` } satisfies ToolOutput);
  sendLine(socket, { exit: 1 } satisfies ToolOutput);
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
