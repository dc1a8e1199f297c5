import type { Cloud } from '../clouds/cloud.ts';

/** "user data failed with exit code 3 on i-…: <its last line>", from what the instance wrote to its console. */
export async function userDataFailure(cloud: Cloud, instanceId: string): Promise<string[]> {
  return readUserDataFailure(await cloud.instances.console(instanceId), instanceId);
}

/**
 * How a failed user data script shows on the console. cloud-init: "Failed running /var/lib/cloud/instance/scripts/part-001 [3]";
 * others say it in plain words.
 */
const FAILURES = [/Failed running \S+ \[(\d+)\]/, /user[- ]data\b.*?\b(?:exit(?:ed)?|failed)\D*(\d+)/i];

/** What stands before the script's own output: the boot, and cloud-init itself. */
const BOOT = /^Cloud-init v\.|^\[ *\d+\.\d+\]|: instance \S+ is up$/;

/** Pure. The lines before the failure are the script's own last words. */
export function readUserDataFailure(console: string, instanceId: string): string[] {
  const lines = console.split('\n').map((line) => line.trimEnd());
  for (const [at, line] of lines.entries()) {
    const code = FAILURES.map((pattern) => pattern.exec(line)?.[1]).find((match) => match !== undefined);
    if (code === undefined || code === '0') continue;
    const said = lines.slice(0, at).filter((text) => text.trim() !== '');
    const begin = said.findLastIndex((text) => BOOT.test(text)) + 1;
    const [last = '', ...before] = said.slice(begin).slice(-4).reverse();
    const headline = `user data failed with exit code ${code} on ${instanceId}${last && `: ${last}`}`;
    return [headline, ...before.reverse().map((text) => `${instanceId} user data: ${text}`)];
  }
  return [];
}
