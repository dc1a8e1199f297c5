import { BASE, type Delays, ScriptedWorld } from '../test/helpers/scripted-world.ts';

const SECOND = 1_000;

/** Usual times of EC2 and SSM in milliseconds; each build's are up to 30 % shorter or longer. */
const USUAL = { pending: 12, agent: 30, stopping: 30, image: 180, base: 90, application: 40, small: 3 };

/** AWS SDK for JavaScript: waitUntilInstanceRunning, …Stopped, …ImageAvailable; waitUntilCommandExecuted. Seconds. */
const WAITER = { minDelay: 15, maxDelay: 120 };
const COMMAND_WAITER = { minDelay: 5, maxDelay: 120 };

/** Builds with two layers, `rounds` times; returns the benchmark's line. Times are means, percentages of the cloud's own time. */
export async function measure(rounds: number) {
  let own = 0;
  let total = 0;
  let waiters = 0;
  for (let round = 0; round < rounds; round++) {
    const times = varied(round);
    const scripts: number[] = [];
    const took = await buildWith(times, scripts);
    total += took;
    const commands = scripts.reduce((sum, ms) => sum + ms, 0);
    // The layer below gets its image on the way, which nobody waits for.
    const waits = [times.pending, times.agent - times.pending, times.stopping, times.image];
    own += commands + waits.reduce((sum, ms) => sum + ms, 0);
    waiters += waits.reduce((sum, ms) => sum + lagOf(WAITER, ms), 0);
    waiters += scripts.reduce((sum, ms) => sum + lagOf(COMMAND_WAITER, ms), 0);
  }
  const percent = (ms: number) => Math.round((ms / own) * 1_000) / 10;
  const [ours, theirs] = [percent(total - own), percent(waiters)];
  const minutes = Math.round(own / rounds / 6_000) / 10;
  return {
    name: 'lag',
    ours,
    theirs,
    ratio: Math.round((ours / theirs) * 100) / 100,
    unit: "% of the cloud's own time",
    note: `time that polling adds to a build of two layers in which the cloud takes ${minutes} min (launch 12 s, agent 30 s, stop 30 s, image 180 s, scripts 130 s and 3 s each, +-30 %), mean of ${rounds} builds on a virtual clock; theirs: the AWS SDK's waiters with their defaults, by their formula`,
  };
}

function varied(seed: number): typeof USUAL {
  let state = seed * 7_919 + 1;
  const vary = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return 0.7 + (state / 2 ** 31) * 0.6;
  };
  const entries = Object.entries(USUAL).map(([name, seconds]) => [
    name,
    Math.round(seconds * SECOND * vary()),
  ]);
  return Object.fromEntries(entries);
}

/** Milliseconds of the virtual clock; `scripts` gets how long each script ran. */
async function buildWith(times: typeof USUAL, scripts: number[]): Promise<number> {
  const delays: Delays = {
    boot: times.agent,
    cloud: {
      'instance.pending': times.pending,
      'instance.stopping': times.stopping,
      'image.pending': times.image,
    },
    script(script) {
      const ms = script.includes('the-base')
        ? times.base
        : script.includes('the-application')
          ? times.application
          : times.small;
      scripts.push(ms);
      return ms;
    },
  };
  const world = await ScriptedWorld.start({ delays, far: true });
  try {
    const layers = ['base', 'application'].map((name) => ({
      name,
      provisioners: [{ inline: `install the-${name}` }],
    }));
    const startedAt = world.clock.now();
    const built = await world.build({
      image: { base: BASE, builder: { instanceProfile: 'builder' }, layers },
    });
    if (built.error) throw built.error;
    return world.clock.now() - startedAt;
  } finally {
    await world.close();
  }
}

/** What a waiter adds to a wait of `ms`. Source: @smithy/core util-waiter, exponentialBackoffWithJitter. */
function lagOf({ minDelay, maxDelay }: typeof WAITER, ms: number): number {
  const draws = 200;
  const ceiling = Math.log2(maxDelay / minDelay) + 1;
  let lag = 0;
  for (let draw = 0; draw < draws; draw++) {
    let at = 0;
    for (let attempt = 1; at < ms; attempt++) {
      const longest = Math.min(minDelay * 2 ** (attempt - 1), maxDelay);
      const delay = attempt > ceiling ? maxDelay : minDelay + Math.random() * (longest - minDelay);
      at += delay * SECOND;
    }
    lag += at - ms;
  }
  return lag / draws;
}
