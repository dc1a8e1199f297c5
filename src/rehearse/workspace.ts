import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { losePatience } from './shorten.ts';
import { mapAt, type Raw, rawImages } from './tree-edit.ts';

/** What a release of the rehearsal is made to do. */
export type ReleaseKind = 'well' | 'broken';

/**
 * The directory that the rehearsal has to itself: its bake.yaml, and the state of the local cloud. Nobody else may read it; it is
 * gone at the end.
 */
export class Workspace {
  readonly directory: string;
  readonly #config: Raw;

  constructor(config: Raw) {
    this.directory = realpathSync(mkdtempSync(join(tmpdir(), 'bake-rehearsal-')));
    this.#config = config;
  }

  /** Writes bake.yaml so that the next build makes another release than the one before. */
  write(number: number, kind: ReleaseKind = 'well'): void {
    const config = structuredClone(this.#config);
    for (const image of rawImages(config)) {
      const layers = image.layers as Raw[];
      const top = mapAt(layers.at(-1)) ?? {};
      top.provisioners = [...(top.provisioners as Raw[]), ...changes(number, kind)];
      if (kind === 'broken') delete image.test;
    }
    this.#save(config);
  }

  /** Writes bake.yaml as it is; `impatient`: for a release that is not expected to be well. */
  writePlain(impatient = false): void {
    const config = structuredClone(this.#config);
    if (impatient) losePatience(config);
    this.#save(config);
  }

  /** A file beside bake.yaml. Returns its path. */
  file(name: string, text: string): string {
    const path = join(this.directory, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  remove = (): void => rmSync(this.directory, { recursive: true, force: true });

  #save(config: Raw): void {
    this.file('bake.yaml', stringify(config));
  }
}

/** A service that ends as soon as it is started: whatever the image would start by itself. */
const BREAK = `for unit in /etc/systemd/system/*.service /etc/systemd/system/*.wants/*.service; do
  [ -e "$unit" ] || [ -L "$unit" ] || continue
  name=$(basename "$unit")
  mkdir -p "/etc/systemd/system/$name.d"
  printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >"/etc/systemd/system/$name.d/rehearsal.conf"
done`;

const changes = (number: number, kind: ReleaseKind): Raw[] => [
  {
    name: 'rehearsal',
    inline: `echo ${number} >/etc/bake-rehearsal${kind === 'broken' ? `\n${BREAK}` : ''}`,
  },
];
