import { say } from '../console.ts';
import type { Tool } from '../machine.ts';
import type { PowerAction } from '../power.ts';

const MINUTE = 60_000;

/** shutdown(8): `-h now`, `+10`, `23:00`, `-r`, `-c`. */
export const shutdown: Tool = async (args, io, { power }) => {
  const options = args.filter((arg) => /^-/.test(arg));
  const [when = '+1'] = args.filter((arg) => !/^-/.test(arg));
  if (options.some((option) => option === '-c')) {
    power.cancel();
    return 0;
  }
  const action: PowerAction = options.some((option) => /^-r$|^--reboot$/.test(option))
    ? 'reboot'
    : 'poweroff';
  const delay = delayOf(when);
  if (delay === undefined) {
    io.err(`Failed to parse time specification: ${when}\n`);
    return 1;
  }
  if (options.includes('-k')) return 0;
  power.schedule(action, delay);
  if (delay > 0) {
    const line = `Shutdown scheduled for ${new Date(Date.now() + delay).toUTCString()}, use 'shutdown -c' to cancel.`;
    say(line);
    io.err(`${line}\n`);
  }
  return 0;
};

/** poweroff(8), halt(8) and reboot(8). */
export const powerTool =
  (action: PowerAction): Tool =>
  async (_args, _io, { power }) => {
    power.schedule(action, 0);
    return 0;
  };

/** Milliseconds until a time as shutdown(8) takes it. */
function delayOf(when: string): number | undefined {
  if (when === 'now') return 0;
  if (/^\+?\d+$/.test(when)) return Number(when) * MINUTE;
  const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(when) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 23 || Number(minute) > 59)
    return undefined;
  const at = new Date();
  at.setHours(Number(hour), Number(minute), 0, 0);
  return (at.getTime() - Date.now() + 24 * 60 * MINUTE) % (24 * 60 * MINUTE);
}
