import { shippedName } from '../config/shipped.ts';
import { mapsIn, need, type Raw } from './tree-edit.ts';

/** Shipped provisioners that would download what this machine has already, or has in its own version: what they are told, in words. */
const LIGHTER: Record<string, { environment: Record<string, string>; difference: string }> = {
  'base-os': {
    environment: { UPDATE: 'none' },
    difference: 'the operating system, which is that of this machine, is not updated',
  },
  python: {
    environment: { SYSTEM_PACKAGES: 'yes' },
    difference: "packages of this machine's Python count as installed",
  },
  ruby: {
    environment: { SYSTEM_GEMS: 'yes' },
    difference: 'gems of this machine count as installed',
  },
};

/** Spares a rehearsal the downloads that say nothing about the configuration. Returns what is different, a sentence each. */
export function spareDownloads(image: Raw): string[] {
  const differences: string[] = [];
  for (const layer of mapsIn(image, 'layers'))
    for (const provisioner of mapsIn(layer, 'provisioners')) {
      const lighter = LIGHTER[shippedName(String(provisioner.script ?? '')) ?? ''];
      if (!lighter) continue;
      // The interpreter that is asked for by its version is not this machine's.
      if (provisioner.script === 'bake:python' && need(provisioner, 'environment').PYTHON !== undefined)
        continue;
      Object.assign(need(provisioner, 'environment'), lighter.environment);
      if (!differences.includes(lighter.difference)) differences.push(lighter.difference);
    }
  return differences;
}
