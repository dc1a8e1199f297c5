import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { checkSize, type FileEntry, readFiles } from '../communicators/files.ts';
import type { LayerConfig, Project, ProvisionerConfig } from '../config/schema.ts';
import { shippedName, shippedScript } from '../config/shipped.ts';
import { messageOf, usageError } from '../run/errors.ts';
import { uploadLimit } from './access.ts';

/** A script of a layer, read into memory: what was fingerprinted is what runs. */
export interface ScriptProvisioner {
  kind: 'script' | 'inline';
  /** What output and errors call it. */
  name: string;
  /** Path as in bake.yaml, or where the inline script stands. */
  label: string;
  content: string;
  arguments: string[];
  environment: Record<string, string>;
  /** Values by name; they are in no fingerprint, log or manifest. */
  secrets: Record<string, string>;
  /** Milliseconds. */
  timeout: number;
  retries: number;
  /** The builder is rebooted after it. */
  reboot?: boolean;
}

/** Files of a layer, read into memory. */
export interface UploadProvisioner {
  kind: 'upload';
  name: string;
  label: string;
  files: FileEntry[];
  to: string;
  owner: string;
  timeout: number;
}

export type Provisioner = ScriptProvisioner | UploadProvisioner;

export interface Layer {
  name: string;
  cache: boolean;
  provisioners: Provisioner[];
}

/**
 * Reads all that the layers name. Fails (exit code 2) on a missing file or secret, or an upload that is too large.
 * Without `variables` the values of secrets are left out, which changes no fingerprint.
 */
export function loadLayers(project: Project, variables?: NodeJS.ProcessEnv): Layer[] {
  return project.config.image.layers.map((layer) => ({
    name: layer.name,
    cache: layer.cache,
    provisioners: layer.provisioners.map((provisioner, index) =>
      loadProvisioner(project, layer, provisioner, index, variables),
    ),
  }));
}

function loadProvisioner(
  project: Project,
  layer: LayerConfig,
  config: ProvisionerConfig,
  index: number,
  variables?: NodeJS.ProcessEnv,
): Provisioner {
  const reading = <T>(path: string, read: (absolute: string) => T): T => {
    try {
      return read(resolve(project.directory, path));
    } catch (error) {
      throw unreadable(layer, path, project.directory, error);
    }
  };
  if ('upload' in config) {
    const mode = config.mode === undefined ? undefined : Number.parseInt(config.mode, 8);
    const files = reading(config.upload, (path) => readFiles(path, { mode, ignore: config.ignore }));
    checkSize(`${config.upload} (layer ${layer.name})`, files, uploadLimit(project));
    const name = config.name ?? basename(config.upload);
    const { to, owner, timeout } = config;
    return { kind: 'upload', name, label: trimmed(config.upload), files, to, owner, timeout };
  }
  const inline = `${layer.name} inline script ${index + 1}`;
  const script = 'script' in config;
  const label = script ? trimmed(config.script) : inline;
  const content = script
    ? reading(config.script, (path) => {
        const shipped = shippedName(config.script);
        if (shipped !== undefined) return shippedScript(shipped);
        if (!statSync(path).isFile()) throw new Error('not a file');
        return readFileSync(path, 'utf8');
      })
    : config.inline;
  return {
    kind: script ? 'script' : 'inline',
    name: config.name ?? (script ? basename(config.script) : inline),
    label,
    content,
    arguments: script ? config.arguments : [],
    environment: checkedNames(config.environment, label),
    secrets: secretValues(config.secrets, label, variables),
    timeout: config.timeout,
    retries: config.retries,
    reboot: config.reboot,
  };
}

/** `./src/` and `src` are the same. */
const trimmed = (path: string) => path.replace(/^(\.\/)+/, '').replace(/(?<=.)\/+$/, '');

function unreadable(layer: LayerConfig, path: string, directory: string, error: unknown) {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  return usageError(
    `layer ${layer.name}: ${path} ${missing ? 'does not exist' : `cannot be read: ${messageOf(error)}`}`,
    `Paths in bake.yaml start at ${directory}.`,
  );
}

function checkedNames(environment: Record<string, string>, label: string): Record<string, string> {
  for (const name of Object.keys(environment)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) {
      throw usageError(`${label}: "${name}" cannot be the name of an environment variable`);
    }
  }
  return environment;
}

function secretValues(names: string[], label: string, variables?: NodeJS.ProcessEnv): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name of names) {
    const value = variables ? variables[name] : '';
    if (value === undefined) {
      throw usageError(
        `${label} needs the secret ${name}, which is not in the environment`,
        `Set it where bake runs: export ${name}=…`,
      );
    }
    values[name] = value;
  }
  checkedNames(values, label);
  return values;
}
