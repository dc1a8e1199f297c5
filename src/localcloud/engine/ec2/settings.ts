import type { Engine } from '../engine.ts';

interface Settings {
  /** Milliseconds for which what is new is not found yet. */
  eventualConsistency: { ms: number };
  /** New volumes and snapshots are encrypted, whatever the request says. */
  ebsEncryption: { enabled: boolean };
  /** The cloud was given its first default VPC; a user who deletes that wants none. */
  firstVpc: { made: true };
}

/** How the whole of EC2 behaves, by name. Without a record: as EC2 does from the beginning. */
const settings = <K extends keyof Settings>(engine: Engine) => engine.store.table<Settings[K]>('settings');

export const setting = <K extends keyof Settings>(engine: Engine, name: K): Settings[K] | undefined =>
  settings<K>(engine).get(name);

export function setSetting<K extends keyof Settings>(engine: Engine, name: K, value: Settings[K]): void {
  settings<K>(engine).put(name, value);
}
