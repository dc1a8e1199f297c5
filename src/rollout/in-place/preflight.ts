import { quote } from '../../communicators/job.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { BakeError, messageOf } from '../../run/errors.ts';
import { count, formatBytes } from '../../run/format.ts';
import type { Host } from './host.ts';
import type { Release } from './release.ts';
import { SYSTEMCTL } from './setup.ts';
import type { Site } from './site.ts';
import { type HostState, parseState, stateScript } from './state.ts';

/**
 * Looks at every server before any is touched: reachable, its host key known, tools there, directory and unit as they must be, room on the
 * disk, nobody else at work. Throws one error that names everything that is wrong. `release`: what is to be brought, if anything is.
 */
export async function preflight(site: Site, release?: Release): Promise<Map<Host, HostState>> {
  const { hosts, config } = site;
  const seen = await Promise.all(
    hosts.map(async (host) => {
      try {
        const output = await host.must('looking at what is there', checkScript(config, host));
        const state = parseState(output);
        return { host, state, problems: problemsOf(output, state, config, release) };
      } catch (error) {
        return { host, error, problems: [] };
      }
    }),
  );
  const lines = seen.flatMap(({ host, error, problems }) => [
    ...(error === undefined ? [] : [messageOf(error)]),
    ...problems.map((problem) => `${host.name}: ${problem}`),
  ]);
  if (lines.length === 0) return new Map(seen.map(({ host, state }) => [host, state!]));
  const errors = seen.flatMap(({ error }) => (error instanceof BakeError ? [error] : []));
  const hints = [...new Set(errors.map(({ hint }) => hint).filter((hint) => hint !== undefined))];
  const hint = hints[0] ?? '`bake in-place setup --print` says how a server is prepared.';
  throw new BakeError(
    lines.length === 1
      ? `${lines[0]}; nothing was touched`
      : `${count(lines.length, 'problem')} on the servers; nothing was touched`,
    {
      hint,
      details: lines.length === 1 ? errors.flatMap(({ details }) => details) : [...lines, ...hints.slice(1)],
    },
  );
}

const checkScript = (config: InPlaceConfig, host: Host): string => {
  const service = quote(config.service);
  return `${stateScript(config)}
for tool in bash tar gzip sha256sum flock setsid base64 timeout; do
  command -v $tool >/dev/null || echo "lacks $tool"
done
there=${quote(config.root)}
while [ ! -d "$there" ]; do there=$(dirname "$there"); done
[ -w "$there" ] || echo "unwritable $there"
[ ! -d ${quote(`${config.root}/releases`)} ] || [ -w ${quote(`${config.root}/releases`)} ] || echo "unwritable ${config.root}/releases"
df -Pk "$there" | tail -n 1 | { read -r device blocks used free rest; echo "free $free"; }
systemctl cat ${service} >/dev/null 2>&1 || echo "no-unit"
${host.isRoot ? '' : `sudo -n -l ${SYSTEMCTL} restart ${service} >/dev/null 2>&1 || echo "no-right"`}
true`;
};

function problemsOf(output: string, state: HostState, config: InPlaceConfig, release?: Release): string[] {
  const all = (key: string) =>
    [...output.matchAll(new RegExp(`^${key}(?: (.*))?$`, 'gm'))].map(([, value = '']) => value);
  const problems = [
    ...state.strange.map((what) => `${config.root}/${what}`),
    ...all('lacks').map((tool) => `${tool} is not installed`),
    ...all('unwritable').map((path) => `${path} does not belong to the user who logs in`),
    ...all('no-unit').map(() => `systemd knows no unit ${config.service}`),
    ...all('no-right').map(() => `${config.service} may not be restarted by sudo without a password`),
  ];
  if (!release) return problems;
  const there = state.releases.find(({ release: name }) => name === release.name);
  if (there && there.digest !== release.digest)
    problems.push(
      `release ${release.name} is there already, made of other files: give this one another name`,
    );
  const free = Number(all('free')[0]) * 1024;
  const needed = there ? 0 : release.size + config.diskSpace * 1024 ** 3;
  if (free < needed)
    problems.push(
      `the disk of ${config.root} has ${formatBytes(free)} free, and ${formatBytes(needed)} are needed`,
    );
  return problems;
}
