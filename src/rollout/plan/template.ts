import type { LaunchSettings } from '../../clouds/cloud.ts';
import { diffSettings } from '../../fleet/diff.ts';
import { isSecretName } from '../../run/secret-names.ts';
import { maskLine, maskLines } from './mask.ts';
import { unifiedDiff } from './unified-diff.ts';

/** What a new launch template version would say otherwise than the one that the fleet runs. */
export interface TemplateChanges {
  /** Field by field, a line each, without the user data. */
  fields: string[];
  /** The user data, decoded, as a unified diff; secrets are masked. Empty when it stays as it is. */
  userData: string[];
}

/** Pure. */
export function templateChanges(have: LaunchSettings, want: LaunchSettings): TemplateChanges {
  return {
    fields: diffSettings({ ...have, userData: '' }, { ...want, userData: '' }).map(maskTag),
    userData: userDataDiff(have.userData, want.userData),
  };
}

function maskTag(line: string): string {
  const [, key] = /^tag (\S+) .* → /.exec(line) ?? [];
  return key !== undefined && isSecretName(key) ? `tag ${key} *** → ***` : maskLine(line);
}

function userDataDiff(have: string, want: string): string[] {
  if (have === want) return [];
  // A compressed script is no text: only that it differs can be told.
  if ([have, want].some((text) => text.includes('\u0000') || text.includes('\uFFFD')))
    return [`(not text: ${Buffer.byteLength(have)} bytes → ${Buffer.byteLength(want)} bytes)`];
  const [before, after] = [have, want].map((text) => text.replace(/\n$/, ''));
  if (before === after) return ['(only the last line break differs)'];
  const shown = { have: maskLines(before!), want: maskLines(after!) };
  return unifiedDiff(before!.split('\n'), after!.split('\n'), shown);
}
