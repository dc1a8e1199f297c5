import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How a configuration names what comes with bake: `script: bake:python`, `policy: bake:backlog`. */
const PREFIX = 'bake:';

const directory = fileURLToPath(new URL('../../provisioners/', import.meta.url));
const scalingDirectory = fileURLToPath(new URL('../../policies/scaling/', import.meta.url));

/** `python` of `bake:python`; undefined when the name is a path. */
export const shippedName = (script: string): string | undefined =>
  script.startsWith(PREFIX) ? script.slice(PREFIX.length) : undefined;

/** Names of the provisioners that come with bake. */
export const shippedNames = (): string[] => namesIn(directory, '.sh');

/** Names of the scaling files that come with bake. */
export const shippedScalingNames = (): string[] => namesIn(scalingDirectory, '.yaml');

/** The text of a scaling file that comes with bake. Throws the errors of `node:fs`. */
export const shippedScalingFile = (name: string): string =>
  readFileSync(`${scalingDirectory}${name}.yaml`, 'utf8');

const namesIn = (folder: string, ending: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => entry.name.slice(0, -ending.length))
    .sort();

/** `source "$(dirname "$0")/lib/NAME.sh"`, as the scripts say it, so that they also run from where they lie. */
const SOURCE = /^source "\$\(dirname "\$0"\)\/(lib\/([\w-]+\.sh))"$/gm;

/**
 * The text of a provisioner that comes with bake, whole: what it sources stands in one line of its own, which lays the file
 * into /run while it is read. So line numbers stay as they are in the script's own file.
 * Throws the errors of `node:fs`.
 */
export function shippedScript(name: string): string {
  return read(`${name}.sh`).replace(SOURCE, (_, path: string, file: string) => {
    const text = Buffer.from(read(path)).toString('base64');
    return `base64 -d >/run/${file} <<<${text} && source /run/${file} && rm -f /run/${file}`;
  });
}

const read = (path: string): string => readFileSync(`${directory}${path}`, 'utf8');
