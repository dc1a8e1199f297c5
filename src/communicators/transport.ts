import type { CommandResult } from '../clouds/cloud.ts';
import type { Clock } from '../run/clock.ts';
import { poll } from '../run/poll.ts';
import type { UploadLimit } from './limits.ts';

/** The way to a machine: single commands, and bytes. All the rest is the same whatever the way (see remote.ts). */
export interface Transport {
  /** What to look at when the machine never answers. */
  readonly hint: string;
  /** How often it is worth asking whether a command has ended. */
  readonly asking: Asking;
  /** What is sent can be read by others for a while: secrets have to be sealed. */
  readonly recorded: boolean;
  /** Whether it takes commands now; if not, in words why not yet. */
  reach(): Promise<{ ready: true } | { ready: false; state: string }>;
  /** Runs a shell script as root; `timeout` in milliseconds. Returns an id to ask with. */
  send(script: string, options: { timeout: number; name: string }): Promise<string>;
  result(commandId: string): Promise<CommandResult>;
  /** Brings bytes to the machine, for the job that works in `directory`. */
  carry(directory: string, bytes: Buffer, signal: AbortSignal): Promise<Cargo>;
  /** Most bytes that it can carry, and what to do about more. */
  readonly limit: UploadLimit;
  /** Lets go of sockets. */
  close(): void;
}

/** What asking costs decides how often it is done. Milliseconds. */
export interface Asking {
  /** First and longest pause before asking again. */
  first: number;
  longest: number;
  /** How soon output of a running script is worth an answer: at first, and when it goes on and on. */
  news: number;
  newsLater: number;
}

/** Bytes on their way to a machine. */
export interface Cargo {
  /** Shell command that prints them there. */
  fetch: string;
  /** They have been fetched, or are not wanted any more. */
  release?(): Promise<void>;
}

/** Whether a command has ended, one way or another. */
export const isFinal = ({ state }: CommandResult): boolean => state !== 'pending' && state !== 'running';

/** Runs a small command to its end. */
export async function execute(
  transport: Transport,
  clock: Clock,
  script: string,
  signal: AbortSignal,
): Promise<CommandResult> {
  const commandId = await transport.send(script, { timeout: 60_000, name: 'bake' });
  const look = async () => {
    const result = await transport.result(commandId);
    return isFinal(result)
      ? ({ done: true, value: result } as const)
      : ({ done: false, state: result.state } as const);
  };
  const { first } = transport.asking;
  return await poll(look, {
    what: 'a command on the machine to end',
    timeout: 120_000,
    clock,
    signal,
    interval: { delay: first, first, longest: 1_000 },
  });
}
