import { readFileSync } from 'node:fs';

/** What the daemon hands in at boot. */
export interface BootSettings {
  instanceId: string;
  hostname: string;
  address: string;
  /** A line of authorized_keys: who holds its private half may log in. Without one there is no SSH server. */
  publicKey?: string;
  userData: string;
  firstBoot: boolean;
  environment: Record<string, string>;
}

export const readSettings = (): BootSettings => JSON.parse(readFileSync('/run/bake/boot.json', 'utf8'));

/** `/run/bake/tools` comes first (our systemctl), `/run/bake/bin` last (a node, where the image has none). */
export const PATH =
  '/run/bake/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/bake/bin';
