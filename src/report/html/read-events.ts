import { createInterface } from 'node:readline';
import type { RunEvent } from '../../run/events.ts';
import { Story } from './story.ts';

/**
 * Reads what `--json` has written: the stories of all runs in it, in order. Lines that are no events (what else a CI log holds, a last
 * line that was cut off) are passed over.
 */
export async function readStories(input: NodeJS.ReadableStream): Promise<Story[]> {
  const stories = new Map<string, Story>();
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    const event = eventIn(line);
    if (!event) continue;
    const story = stories.get(event.run) ?? new Story(event.run);
    stories.set(event.run, story);
    story.add(event);
  }
  return [...stories.values()];
}

function eventIn(line: string): RunEvent | undefined {
  const start = line.indexOf('{"time":');
  if (start < 0) return undefined;
  try {
    const event = JSON.parse(line.slice(start));
    const { time, run, type } = event as Partial<RunEvent>;
    const known =
      typeof run === 'string' && typeof type === 'string' && !Number.isNaN(Date.parse(String(time)));
    return known ? event : undefined;
  } catch {
    return undefined;
  }
}
