import type { Tool } from '../machine.ts';

/** `cloud-init status [--wait] [--long]`, as provisioners use it to wait for user data; exit code 1 when that failed. */
export const cloudInit: Tool = async (args, io, { userData }) => {
  if (args[0] === '--version' || args[0] === '-v') {
    io.out('cloud-init: the local cloud runs user data itself\n');
    return 0;
  }
  if (args[0] !== 'status') {
    io.err(`cloud-init: '${args[0] ?? ''}' is not supported by the local cloud; 'status [--wait]' is\n`);
    return 2;
  }
  if (args.includes('--wait') || args.includes('-w')) await userData.done;
  io.out(`status: ${userData.status}\n`);
  return userData.status === 'error' ? 1 : 0;
};
