import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Inputs } from './fingerprints.ts';
import type { GitState } from './git.ts';

/** One line of the checklist: what was checked on the finished image. */
export interface Check {
  check: string;
  ok: boolean;
  /** The path, command or service that failed. Never a value. */
  detail?: string;
}

/** `.bake/manifest.json`: what the last build made, for machines, and for the next build to say what changed. */
export interface Manifest {
  version: 1;
  project: string;
  environment: string;
  cloud: { kind: string; region: string; local: boolean };
  run: string;
  release: string;
  /** Image ids by region. */
  images: Record<string, string>;
  fingerprint: string;
  base: { id: string; name: string };
  git?: GitState;
  layers: { name: string; fingerprint: string; built: boolean; inputs: Inputs }[];
  checklist: Check[];
  /** Milliseconds. */
  steps: { step: string; durationMs: number }[];
  builtAt: string;
}

const fileOf = (directory: string) => join(directory, '.bake', 'manifest.json');

/** The last build's manifest, or undefined when there is none that can be read: it only serves explanations. */
export function readManifest(directory: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(readFileSync(fileOf(directory), 'utf8')) as Manifest;
    return manifest.version === 1 ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the manifest in one step, so that a reader never sees half of it. */
export function writeManifest(directory: string, manifest: Manifest): void {
  const file = fileOf(directory);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(manifest, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
