import { quote } from '../../communicators/job.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { BakeError, Interrupted } from '../../run/errors.ts';
import { formatDuration } from '../../run/format.ts';
import type { Run } from '../../run/run.ts';
import type { Host } from './host.ts';
import type { Release } from './release.ts';

/** A session that runs a command reads no profile: where uv's installer puts it has to be said. */
const PATH = 'PATH="$HOME/.local/bin:$HOME/.cargo/bin:/usr/local/bin:$PATH"';

const COMMANDS = {
  uv: 'uv sync --frozen',
  pip: 'python3 -m venv .venv && .venv/bin/pip install --disable-pip-version-check -r requirements.txt',
};

/**
 * Does in the new release directory what has to be done there, and marks the release as whole. Ends what it has begun when the run is
 * interrupted, when its time is over, or when nobody waits for it any more.
 */
export async function install(
  run: Run,
  host: Host,
  config: InPlaceConfig,
  release: Release,
  onLine: (line: string) => void,
): Promise<void> {
  const directory = `${config.root}/releases/${release.name}`;
  if (config.install !== 'none') await perform(run, host, config, directory, release, onLine);
  const mark = JSON.stringify({ release: release.name, digest: release.digest, run: run.id });
  await host.must(
    'marking the release as whole',
    `cd ${quote(directory)}
sync -f . 2>/dev/null || true
printf '%s\\n' ${quote(mark)} >.bake-release.new
mv .bake-release.new .bake-release`,
  );
}

async function perform(
  run: Run,
  host: Host,
  config: InPlaceConfig,
  directory: string,
  release: Release,
  onLine: (line: string) => void,
): Promise<void> {
  const { install: how, installTimeout } = config;
  const script = typeof how === 'string' ? COMMANDS[how as keyof typeof COMMANDS] : how.run;
  const what = typeof how === 'string' ? script.split(' -')[0] : 'install.run';
  const tail: string[] = [];
  const lines = splitLines((line) => {
    tail.push(line);
    if (tail.length > 20) tail.shift();
    onLine(line);
  });
  const command = `cd ${quote(directory)} && export ${PATH} BAKE_RELEASE=${quote(release.name)} BAKE_ROOT=${quote(config.root)} && exec bash -euo pipefail -c ${quote(script)}`;
  const { outcome, end } = await host.attach(command, lines);
  const ended = new AbortController();
  let late = false;
  const overdue = () => {
    late = true;
    end();
  };
  run.clock.sleep(installTimeout, ended.signal, { background: true }).then(overdue, () => {});
  run.signal.addEventListener('abort', end, { once: true });
  try {
    if (run.signal.aborted) end();
    const { exitCode } = await outcome;
    if (exitCode === 0 && !run.signal.aborted) return;
    if (run.signal.aborted) throw new Interrupted();
    const why = late ? `not after ${formatDuration(installTimeout)}` : `exit code ${exitCode}`;
    throw new BakeError(`${host.name}: installing failed (${what}): ${why}`, { details: tail });
  } finally {
    run.signal.removeEventListener('abort', end);
    ended.abort();
  }
}

function splitLines(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}
