import { createHash } from 'node:crypto';
import type { FileEntry } from '../communicators/files.ts';
import type { Layer, Provisioner } from './provisioners.ts';

/** Part of every fingerprint: raise it when a layer of the same inputs comes out different. */
const FORMAT = 1;

/** What went into a layer: a label that people know ("src/worker.mjs") and the digest of what it stood for. */
export type Inputs = Record<string, string>;

export interface LayerFingerprint {
  name: string;
  fingerprint: string;
  inputs: Inputs;
}

/**
 * A layer's fingerprint covers the image below it and everything that its own provisioners do, by content: equal
 * fingerprints, equal layers. Modification times, absolute paths and the order of directory entries are not in it; neither are
 * the values of secrets (their names are), nor names, timeouts and retries, which change nothing in the image.
 * `closing` stands for what is done to the finished image (clean-up, verification) and counts for the last layer only.
 */
export function fingerprintLayers(
  base: { id: string; architecture: string },
  layers: Layer[],
  closing: string,
): LayerFingerprint[] {
  let parent = digest([base.id, base.architecture]);
  return layers.map((layer, index) => {
    const last = index === layers.length - 1;
    const parts = layer.provisioners.map(partsOf);
    const inputs: Inputs = Object.fromEntries(parts.flat().map((part) => [part.label, digest(part.value)]));
    if (last) inputs['clean-up and verification'] = closing;
    const own = parts.map((list) => list.map((part) => [part.role, part.value]));
    parent = digest([FORMAT, parent, layer.name, own, last ? closing : '']);
    return { name: layer.name, fingerprint: parent, inputs };
  });
}

/** SHA-256 of a value's JSON, in hexadecimal. */
export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

interface Part {
  /** For people; not in the fingerprint, so that a renamed source directory of the same content changes nothing. */
  label: string;
  role: string;
  value: unknown;
}

function partsOf(provisioner: Provisioner): Part[] {
  const { label } = provisioner;
  if (provisioner.kind === 'upload') {
    const { to, owner, files } = provisioner;
    return [
      { label: `${label} (place and owner)`, role: 'upload', value: [to, owner] },
      ...files.map((file) => ({
        label: file.path === '' ? label : `${label}/${file.path}`,
        role: file.path,
        value: contentOf(file),
      })),
    ];
  }
  const settings = [
    provisioner.arguments,
    Object.entries(provisioner.environment).sort(([a], [b]) => (a < b ? -1 : 1)),
    Object.keys(provisioner.secrets).sort(),
  ];
  return [
    { label, role: provisioner.kind, value: provisioner.content },
    { label: `${label} (arguments and environment)`, role: 'settings', value: settings },
  ];
}

function contentOf(file: FileEntry): unknown[] {
  if (file.kind === 'link') return [file.kind, file.target];
  if (file.kind === 'directory') return [file.kind, file.mode];
  return [file.kind, file.mode, createHash('sha256').update(file.content).digest('hex')];
}
