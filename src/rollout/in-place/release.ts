import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { checkSize, readFiles } from '../../communicators/files.ts';
import { BY_FILE } from '../../communicators/limits.ts';
import { createTar } from '../../communicators/tar.ts';
import type { Project } from '../../config/schema.ts';
import type { InPlaceConfig } from '../../config/schema-in-place.ts';
import { messageOf, usageError } from '../../run/errors.ts';

/** What is brought to the servers: the same files make the same archive, digest and name. */
export interface Release {
  name: string;
  /** Of the files and of how they are installed. */
  digest: string;
  archive: Buffer;
  sha256: string;
  /** Bytes that it takes on a server, installing apart. */
  size: number;
}

/** A release is a directory's name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** Any fixed time: files of a release have no age of their own. */
const MODIFIED_AT = 0;

/** Reads what a release is made of. Without a name its digest is its name. Usage errors for names and directories that cannot be. */
export function readRelease(project: Project, config: InPlaceConfig, name?: string): Release {
  if (name !== undefined && !NAME.test(name))
    throw usageError(
      `${name} is no name for a release`,
      'Letters, digits, dots, underscores and hyphens, at most 80.',
    );
  const files = filesOf(resolve(project.directory, config.source), config);
  checkSize(config.source, files, BY_FILE);
  const archive = gzipSync(createTar(files, { root: '', owner: '0:0', modifiedAt: MODIFIED_AT }));
  const content = files.map((file) => [
    ...[file.path, file.kind, file.mode],
    file.kind === 'file' ? hash(file.content) : file.kind === 'link' ? file.target : '',
  ]);
  const digest = hash(JSON.stringify([content, config.install]));
  const bytes = files.reduce((sum, file) => sum + (file.kind === 'file' ? file.content.length : 4_096), 0);
  const size = bytes + archive.length;
  return { name: name ?? digest.slice(0, 12), digest, archive, sha256: hash(archive), size };
}

function filesOf(source: string, config: InPlaceConfig) {
  try {
    const files = readFiles(source, { ignore: config.ignore });
    if (files[0]?.kind === 'directory') return files;
  } catch (error) {
    throw usageError(`inPlace.source: ${messageOf(error)}`);
  }
  throw usageError(`inPlace.source: ${config.source} is not a directory`);
}

const hash = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
