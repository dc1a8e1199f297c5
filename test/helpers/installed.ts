import { spawnSync } from 'node:child_process';

/** Whether a program of somebody else is there and runs with these arguments. */
export const installed = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;
