import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { findProjectFile } from '../config/find.ts';

/** What of a project serves completion, read without a look at whether it is valid; nothing where there is none. */
export interface ProjectWords {
  environments: string[];
  images: string[];
  layers: string[];
  /** What the last builds made, newest first. */
  builds: { release: string; imageId: string }[];
}

const NONE: ProjectWords = { environments: [], images: [], layers: [], builds: [] };

/** Reads the project that the options of the line name. Never throws: nobody wants an error at the press of a key. */
export function projectWords(given: ReadonlyMap<string, string | undefined>): ProjectWords {
  try {
    const directory = resolve(given.get('directory') ?? '.');
    const named = given.get('file');
    const file = named === undefined ? findProjectFile(directory) : resolve(directory, named);
    if (file === undefined) return NONE;
    const { environments, images, image } = parse(readFileSync(file, 'utf8')) as Record<string, Keyed>;
    const every = [image, ...Object.values(images ?? {})] as ({ layers?: { name: string }[] } | undefined)[];
    return {
      environments: Object.keys(environments ?? {}),
      images: Object.keys(images ?? {}),
      layers: [...new Set(every.flatMap((one) => one?.layers ?? []).map(({ name }) => name))],
      builds: buildsIn(dirname(file)),
    };
  } catch {
    return NONE;
  }
}

type Keyed = Record<string, unknown> | undefined;
interface Build {
  release: string;
  images?: Record<string, string>;
}

/** From the manifest: no cloud is asked while somebody types. */
function buildsIn(directory: string): ProjectWords['builds'] {
  try {
    const manifest = JSON.parse(readFileSync(join(directory, '.bake', 'manifest.json'), 'utf8'));
    const builds: Build[] = manifest.builds ? Object.values(manifest.builds) : [manifest];
    return builds.map(({ release, images }) => ({ release, imageId: Object.values(images ?? {})[0] ?? '' }));
  } catch {
    return [];
  }
}
