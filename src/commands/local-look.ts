import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localCloudStatus } from '../localcloud/control.ts';
import { type SandboxSupport, sandboxSupport } from '../localcloud/sandbox/support.ts';

/** Whether instances of a local cloud can be processes here. Tried for real, beside the projects: nothing stays. */
export async function localSupport(): Promise<SandboxSupport> {
  const directory = mkdtempSync(join(tmpdir(), 'bake-doctor-'));
  try {
    return await sandboxSupport(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The local cloud of a directory, where it runs. */
export const runningLocalCloud = localCloudStatus;
