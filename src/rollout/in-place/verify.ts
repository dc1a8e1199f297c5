import { BakeError } from '../../run/errors.ts';
import { count } from '../../run/format.ts';
import type { Site } from './site.ts';
import { readState } from './state.ts';

/** Looks at every server once more: the release runs there, and nothing is half done. */
export async function verify({ run, hosts, config }: Site, release: string): Promise<void> {
  await run.step('in-place.verify', 'Verifying what every server runs', async (step) => {
    const seen = await Promise.all(
      hosts.map(async (host) => ({ name: host.name, state: await readState(host, config) })),
    );
    run.fact(
      'in-place.hosts',
      seen.map(({ name, state: { current, previous, unit } }) => ({ name, current, previous, unit })),
    );
    const wrong = seen.filter(
      ({ state: { current, pending, unit } }) =>
        current !== release || pending !== undefined || unit !== 'active',
    );
    if (wrong.length > 0)
      throw new BakeError(`${count(wrong.length, 'server')} not as it should be`, {
        details: wrong.map(
          ({ name, state }) => `${name}: ${state.current ?? 'no release'}, ${config.service} ${state.unit}`,
        ),
        hint: 'Is somebody else at work there? `bake status` shows each server.',
      });
    step.summary = `${hosts.length} of ${count(hosts.length, 'server')} ${hosts.length === 1 ? 'runs' : 'run'} ${release}`;
  });
}
