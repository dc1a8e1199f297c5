import type { Journal } from './journal.ts';
import type { Power } from './power.ts';
import type { ServiceManager } from './services/manager.ts';
import type { UserDataStatus } from './user-data.ts';

/** What the tools inside talk about. */
export interface Machine {
  hostname: string;
  journal: Journal;
  manager: ServiceManager;
  power: Power;
  userData: { status: UserDataStatus; done: Promise<unknown> };
}

/** Where a tool's output goes. */
export interface ToolIo {
  out(text: string): void;
  err(text: string): void;
  /** Calls back when the caller has gone (Ctrl-C in `journalctl -f`). */
  onClose(listener: () => void): void;
}

/** A tool's command line; resolves with its exit code. */
export type Tool = (args: string[], io: ToolIo, machine: Machine) => Promise<number>;
