import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { localCloudFiles } from './control-info.ts';
import { createLayout } from './sandbox/layout.ts';
import { findInit, killInit } from './sandbox/processes.ts';

/**
 * Removes the state of a local cloud whose daemon has ended, and ends instances that a killed daemon left running. Only the
 * locks stay: they are held while this runs.
 */
export async function removeLocalCloud(directory: string): Promise<void> {
  const { home, locks } = localCloudFiles(directory);
  const layout = createLayout(home);
  for (const id of readdirSync(join(layout.state, 'instances'))) {
    const init = findInit(layout, id);
    if (init) await killInit(init);
  }
  if (layout.state !== home) rmSync(layout.state, { recursive: true, force: true });
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    if (path !== locks) rmSync(path, { recursive: true, force: true });
  }
}
