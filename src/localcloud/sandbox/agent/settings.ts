import { readFileSync } from 'node:fs';

/** What the daemon hands in at boot. */
export interface BootSettings {
  instanceId: string;
  hostname: string;
  userData: string;
  firstBoot: boolean;
  environment: Record<string, string>;
}

export const readSettings = (): BootSettings => JSON.parse(readFileSync('/run/bake/boot.json', 'utf8'));

/** `/run/bake/tools` comes first (our systemctl), `/run/bake/bin` last (a node, where the image has none). */
export const PATH =
  '/run/bake/tools:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/bake/bin';
