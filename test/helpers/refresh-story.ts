import { HOUR, MINUTE, NO_LATENCY, World } from './autoscaling.ts';

/** Nothing takes time but what the scenario asks for: events come at whole minutes. */
export async function quietWorld(desired: number, request = {}, options = {}) {
  const world = new World({ latency: NO_LATENCY, ...options });
  world.addTemplate();
  await world.addGroup(desired, { max: 300, ...request });
  return world;
}

const ended = (world: World, id: string) => () => world.refreshOf(id).endedAt !== undefined;

/** `minute status percent left fleet`, one line per change. The fleet: versions and how many of each. */
export async function story(
  world: World,
  id: string,
  act: (minute: number) => void = () => {},
  look: () => void = () => world.checkBounds(id),
): Promise<string[]> {
  const lines: string[] = [];
  const start = world.clock.now();
  while (world.clock.now() - start <= 6 * HOUR) {
    const minute = (world.clock.now() - start) / MINUTE;
    act(minute);
    await world.pass(0);
    const { status, percent, toUpdate } = world.refreshOf(id);
    const line = `${status} ${percent}% ${toUpdate} ${fleetOf(world)}`;
    if (lines.at(-1)?.replace(/^\d+ /, '') !== line) lines.push(`${minute} ${line}`);
    if (ended(world, id)()) break;
    await world.pass(MINUTE, MINUTE, look);
  }
  return lines;
}

export function fleetOf(world: World): string {
  const count = (version: string) => world.fleet.split(version).length - 1;
  return ['1', '2', '3']
    .filter((version) => count(version) > 0)
    .map((version) => `${count(version)}x${version}`)
    .join('+');
}
