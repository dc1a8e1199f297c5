import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Layout } from './layout.ts';

const run = promisify(execFile);

/**
 * Makes an instance's upper directories a layer. Stopped: they are moved, which takes no time whatever their size; the next
 * boot makes new ones. Live: they are copied, and the instance keeps its own. A layer that exists already is left as it is.
 */
export async function freezeLayer(layout: Layout, instanceId: string, layerId: string, live: boolean) {
  const instance = join(layout.state, layout.instance(instanceId));
  const layer = join(layout.state, layout.layer(layerId));
  if (existsSync(layer)) return;
  const upper = join(instance, 'up');
  if (!live) {
    await rm(join(instance, 'work'), { recursive: true, force: true });
    await rename(upper, layer);
    return;
  }
  const copy = `${layer}.copy`;
  await rm(copy, { recursive: true, force: true });
  // As root cp keeps the overlay's own marks: whiteouts (device nodes) and trusted.overlay.* attributes.
  await run('cp', ['-a', '--reflink=auto', upper, copy]);
  await rename(copy, layer);
  appendFileSync(join(instance, 'copied'), `${layerId}\n`);
}

/**
 * The layers that the instance's upper directories lie on. Those copied from it while it ran hold what it still has: under
 * it they would bring back what it has deleted since.
 */
export function layersBelow(layout: Layout, instanceId: string, layers: string[]): string[] {
  const file = join(layout.state, layout.instance(instanceId), 'copied');
  const copied = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return layers.filter((layer) => !copied.includes(layer));
}
