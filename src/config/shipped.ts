import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** How a configuration names a provisioner that comes with bake: `script: bake:python`. */
const PREFIX = 'bake:';

const directory = fileURLToPath(new URL('../../provisioners/', import.meta.url));

/** `python` of `bake:python`; undefined when the name is a path. */
export const shippedName = (script: string): string | undefined =>
  script.startsWith(PREFIX) ? script.slice(PREFIX.length) : undefined;

/** Names of the provisioners that come with bake. */
export const shippedNames = (): string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.sh'))
    .map((entry) => entry.name.slice(0, -'.sh'.length))
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
