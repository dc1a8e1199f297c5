import { cpSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { execute } from '../cli.ts';

/** What a run has uploaded: a directory each, by name. */
export class Artifacts {
  readonly #directory: string;
  readonly byName = new Map<string, string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * As actions/upload-artifact: paths are patterns, a line each; the artifact begins where all that was found begins; what is hidden, or in
   * a hidden directory, is left out unless it is wanted.
   */
  async upload(workspace: string, inputs: Record<string, string>): Promise<string> {
    const { name = 'artifact', path = '' } = inputs;
    const found = await this.#find(workspace, path.split('\n').filter(Boolean));
    const files = found.filter(
      (file) => inputs['include-hidden-files'] === 'true' || !/(^|\/)\./.test(relative(workspace, file)),
    );
    if (files.length === 0) {
      if (inputs['if-no-files-found'] === 'error')
        throw new Error(`No files were found with the provided path: ${path}`);
      return `No files were found with the provided path: ${path}`;
    }
    if (this.byName.has(name) && inputs.overwrite !== 'true')
      throw new Error('Conflict: an artifact with this name already exists on the workflow run');
    const target = join(this.#directory, name);
    rmSync(target, { recursive: true, force: true });
    const root = commonDirectory(files);
    for (const file of files) {
      mkdirSync(dirname(join(target, relative(root, file))), { recursive: true });
      cpSync(file, join(target, relative(root, file)));
    }
    this.byName.set(name, target);
    return `Artifact ${name} has been successfully uploaded: ${files.map((file) => relative(root, file)).join(', ')}`;
  }

  /** As actions/download-artifact, of one artifact by its name. */
  download(workspace: string, { name = '', path = '.' }: Record<string, string>): void {
    const source = this.byName.get(name);
    if (source === undefined)
      throw new Error(`Unable to download artifact(s): Artifact not found for name: ${name}`);
    cpSync(source, resolve(workspace, path), { recursive: true });
  }

  async #find(workspace: string, patterns: string[]): Promise<string[]> {
    const expand = 'shopt -s globstar nullglob; for pattern; do printf "%s\\n" $pattern; done';
    const { stdout } = await execute('bash', ['-c', `IFS=; ${expand}`, '-', ...patterns], { cwd: workspace });
    const paths = stdout.split('\n').filter(Boolean);
    const files = paths.map((path) => resolve(workspace, path)).filter((path) => existsSync(path));
    return [...new Set(files)].filter((file) => statSync(file).isFile());
  }
}

function commonDirectory(files: string[]): string {
  let root = dirname(files[0]!);
  while (!files.every((file) => file.startsWith(`${root}/`))) root = dirname(root);
  return root;
}
