import { readFileSync } from 'node:fs';

/** Shells whose completion bake can be part of. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const isShell = (name: string): name is Shell => (SHELLS as readonly string[]).includes(name);

/** What a shell has to read so that it asks `bake complete`. Throws the errors of `node:fs`. */
export const completionScript = (shell: Shell): string =>
  readFileSync(new URL(`shells/bake.${shell}`, import.meta.url), 'utf8');
