import { quote } from '../../communicators/job.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { BakeError } from '../../run/errors.ts';
import type { Host } from './host.ts';
import { STATUS, SYSTEMCTL } from './setup.ts';
import type { Pending } from './state.ts';

/** Where the links are to point; undefined: there is to be none. */
export interface Links {
  current?: string;
  previous?: string;
}

/**
 * Points the links to releases, each by the rename of a new link, which nobody can see half done. Before that it is written down what
 * ran before, so that whoever comes next can undo it.
 */
export async function switchLinks(host: Host, root: string, links: Links, pending: Pending): Promise<void> {
  const point = (name: keyof Links) => {
    const release = links[name];
    if (release === undefined) return `rm -f ${name}`;
    return `ln -s ${quote(`releases/${release}`)} .bake/link.$$ && mv -T .bake/link.$$ ${name}`;
  };
  await host.must(
    'switching',
    `cd ${quote(root)}
rm -f .bake/link.*
${links.current === undefined ? '' : `[ -d ${quote(`releases/${links.current}`)} ] || { echo ${quote(`release ${links.current} is not there any more`)}; exit 1; }`}
printf '%s\\n' ${quote(JSON.stringify(pending))} >.bake/pending.new
mv .bake/pending.new .bake/pending
${point('previous')}
${point('current')}`,
  );
}

/** The switch counts: what it was from is history. `entry` is a line of it. */
export async function settle(
  host: Host,
  root: string,
  release: string | undefined,
  entry: object,
): Promise<void> {
  const mark = release === undefined ? '' : `touch ${quote(`releases/${release}/.bake-release`)}`;
  await host.must(
    'noting the switch',
    `cd ${quote(root)}
printf '%s\\n' ${quote(JSON.stringify(entry))} >>.bake/history
${mark}
rm -f .bake/pending`,
  );
}

/** Restarts the service. Throws with what systemd says of it. */
export async function restart(host: Host, { service }: InPlaceConfig): Promise<void> {
  const asRoot = host.isRoot ? '' : 'sudo -n ';
  const { exitCode, stderr } = await host.run(`${asRoot}${SYSTEMCTL} restart ${quote(service)}`);
  if (exitCode === 0) return;
  throw new BakeError(`${host.name}: ${service} does not start: ${stderr.trim().split('\n')[0]}`, {
    details: await lastWords(host, service),
  });
}

/** What systemd shows of the unit, with its last lines; empty where that cannot be had. */
export async function lastWords(host: Host, service: string): Promise<string[]> {
  const asRoot = host.isRoot ? '' : 'sudo -n ';
  const { stdout } = await host.run(`${asRoot}${SYSTEMCTL} ${STATUS} ${quote(service)} 2>/dev/null`);
  return stdout.trimEnd().split('\n').filter(Boolean);
}
