import { say } from './console.ts';
import type { ServiceManager } from './services/manager.ts';

/** No service may hold up the machine's end longer than this, milliseconds (systemd: DefaultTimeoutStopSec=90s). */
const LONGEST_STOP = 90_000;

/** PID 1 takes this exit code of the agent as a wish to reboot. */
const REBOOT = 3;

export type PowerAction = 'poweroff' | 'reboot';

/** Ends the instance, now or later. */
export class Power {
  readonly #manager: ServiceManager;
  #timer: NodeJS.Timeout | undefined;
  #ending = false;

  constructor(manager: ServiceManager) {
    this.#manager = manager;
  }

  get ending(): boolean {
    return this.#ending;
  }

  /** `delayMs` from now; replaces what was planned before. */
  schedule(action: PowerAction, delayMs: number): void {
    this.cancel();
    if (delayMs <= 0) void this.end(action);
    else this.#timer = setTimeout(() => void this.end(action), delayMs);
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Stops all services, then everything. */
  async end(action: PowerAction): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    say(`The system will ${action === 'reboot' ? 'reboot' : 'power off'} now!`);
    await this.#manager.stopAll(LONGEST_STOP);
    say(action === 'reboot' ? 'Rebooting.' : 'Power down.');
    process.exit(action === 'reboot' ? REBOOT : 0);
  }
}
