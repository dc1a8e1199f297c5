import type { Cloud } from '../clouds/cloud.ts';
import { poll } from '../run/poll.ts';
import type { Run } from '../run/run.ts';

/** A service that is restarted again and again is `auto-restart`, not `failed`, most of the time (systemd: unit sub states). */
const SCRIPT = `
units=$(systemctl list-units --state=failed,auto-restart --plain --no-legend | cut -d' ' -f1)
for unit in $units; do
  echo "unit $unit"
  journalctl -u "$unit" -n 15 --no-pager -o cat
done
`;

/** "worker.service keeps failing on i-…: <last line>" for every unit that does, with the lines around it. */
export async function failedUnits(
  run: Run,
  cloud: Cloud,
  instanceId: string,
  timeout: number,
): Promise<string[]> {
  if (!(await cloud.commands.reachable(instanceId))) return [];
  const command = await cloud.commands.send(instanceId, SCRIPT, {
    timeout,
    comment: 'bake: failed services',
  });
  const stdout = await poll<string>(
    async () => {
      const { state, stdout } = await cloud.commands.result(instanceId, command);
      return state === 'pending' || state === 'running'
        ? { done: false, state }
        : { done: true, value: stdout };
    },
    { what: 'failed services', timeout, clock: run.clock, interval: { first: 200, longest: 1_000 } },
  );
  return readFailedUnits(stdout, instanceId);
}

/** What a service manager itself writes into a journal says less than the service's own last words. */
const MANAGER = /^(systemd\[|Started |Stopped |Starting |Stopping |\S+\.service: )/;

/** Pure. */
export function readFailedUnits(output: string, instanceId: string): string[] {
  const sections = output.split(/^unit /m).slice(1);
  return sections.flatMap((section) => {
    const [unit = '', ...journal] = section.split('\n').map((line) => line.trimEnd());
    const lines = journal.filter((line) => line.trim() !== '');
    const own = lines.filter((line) => !MANAGER.test(line));
    const last =
      own.findLast((line) => /error|exception|fatal|panic/i.test(line)) ?? own.at(-1) ?? lines.at(-1);
    const headline = `${unit} keeps failing on ${instanceId}${last ? `: ${last.trim()}` : ''}`;
    const rest = own.filter((line) => line !== last).slice(-4);
    return [headline, ...rest.map((line) => `${instanceId} ${unit}: ${line.trim()}`)];
  });
}
