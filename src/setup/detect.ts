import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Application, Kind } from './application.ts';
import { KINDS } from './application.ts';
import { django } from './kinds/django.ts';
import { docker } from './kinds/docker.ts';
import { node } from './kinds/node.ts';
import { python } from './kinds/python.ts';
import { rails } from './kinds/rails.ts';
import { Sources } from './sources.ts';

const recognisers: Record<Kind, (sources: Sources) => Application | undefined> = {
  django,
  rails,
  node,
  python,
  docker,
};

export interface Found {
  application: Application;
  /** Where its source lies, relative to the project: `.`, or a directory in it. */
  source: string;
  /** Further kinds that the directory would pass for. */
  others: Kind[];
}

/**
 * What a directory holds: looked for there, and where nothing is found in the directories in it. Undefined when nothing is known; `kind`
 * asks for one kind.
 */
export function detect(directory: string, kind?: Kind): Found | undefined {
  const inside = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^(\.|node_modules$|deploy$|tests?$|docs?$)/.test(entry.name))
    .map(({ name }) => name)
    .sort();
  for (const source of ['.', ...inside]) {
    const sources = new Sources(join(directory, source));
    const found = KINDS.filter((one) => kind === undefined || one === kind).flatMap(
      (one) => recognisers[one](sources) ?? [],
    );
    const [application, ...others] = found;
    if (application) return { application, source, others: others.map((one) => one.kind) };
  }
  return undefined;
}
