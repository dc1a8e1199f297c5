import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Cloud } from '../clouds/cloud.ts';
import type { Project } from '../config/schema.ts';
import { type Manifest, type ManifestFile, manifestFileSchema } from './manifest-schema.ts';

export type { Manifest } from './manifest-schema.ts';

/** One line of the checklist: what was checked on the finished image. */
export type Check = Manifest['checklist'][number];

/** What the last builds made, for machines, and for the next build to say what changed. */
export const manifestFile = (directory: string): string => join(directory, '.bake', 'manifest.json');

/** The last build's manifest, or undefined when there is none that can be read: it only serves explanations. */
export function readManifest(directory: string, image?: string): Manifest | undefined {
  const file = read(directory);
  if (!file) return undefined;
  if ('builds' in file) return image === undefined ? undefined : file.builds[image];
  return file.image === image ? file : undefined;
}

/** The last build's manifest, unless it tells of another project, cloud or region: that says nothing about what changed. */
export function lastManifest(cloud: Cloud, project: Project): Manifest | undefined {
  const manifest = readManifest(project.directory, project.config.imageName);
  const same =
    manifest?.project === project.config.project &&
    manifest.cloud.kind === cloud.kind &&
    manifest.cloud.region === cloud.region &&
    manifest.cloud.local === cloud.local;
  return same ? manifest : undefined;
}

/** Puts an image's manifest in the place of its last one; those of the project's other images stay. */
export function writeManifest(directory: string, manifest: Manifest): void {
  replace(manifestFile(directory), beside(manifest, read(directory)));
}

function beside(manifest: Manifest, before: ManifestFile | undefined): ManifestFile {
  const { image, project, environment } = manifest;
  if (image === undefined) return manifest;
  const others = before && 'builds' in before && before.project === project ? before.builds : {};
  return { version: 1, project, environment, builds: { ...others, [image]: manifest } };
}

/** Replaces a file of `.bake/` in one step, so that a reader never sees half of it. */
export function replace(file: string, content: object): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function read(directory: string): ManifestFile | undefined {
  try {
    return manifestFileSchema.safeParse(JSON.parse(readFileSync(manifestFile(directory), 'utf8'))).data;
  } catch {
    return undefined;
  }
}
