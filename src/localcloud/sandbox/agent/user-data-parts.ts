/** A piece of user data that is understood: run early at every boot, or at the end of the first one. */
interface UserDataPart {
  kind: 'boothook' | 'script';
  text: string;
}

/** User data, taken apart; `unknown` are the forms of it that are left out, in words. */
export interface UserDataParts {
  parts: UserDataPart[];
  unknown: string[];
}

const HOOK = /^#cloud-boothook[^\n]*\n/;
const KINDS: Record<string, UserDataPart['kind']> = {
  'text/cloud-boothook': 'boothook',
  'text/x-shellscript': 'script',
};

/** Source: cloud-init, "User data formats": by its first line, or as a MIME message of several parts. */
export function partsOf(userData: string): UserDataParts {
  if (userData.trim() === '') return { parts: [], unknown: [] };
  const boundary = /^content-type:\s*multipart\/[\w-]+;[^\n]*boundary="?([^"\n;]+)"?/im.exec(
    headOf(userData),
  )?.[1];
  if (boundary !== undefined) return partsOfMessage(userData, boundary.trim());
  const hook = HOOK.exec(userData);
  if (hook) return { parts: [{ kind: 'boothook', text: userData.slice(hook[0].length) }], unknown: [] };
  if (userData.startsWith('#!')) return { parts: [{ kind: 'script', text: userData }], unknown: [] };
  return { parts: [], unknown: [userData.split('\n')[0]!.slice(0, 40)] };
}

const headOf = (message: string): string => message.split(/\r?\n\r?\n/, 1)[0]!;

function partsOfMessage(message: string, boundary: string): UserDataParts {
  const found: UserDataParts = { parts: [], unknown: [] };
  const sections = `\n${message}`.split(`\n--${boundary}`).slice(1);
  for (const section of sections) {
    if (section.startsWith('--')) break;
    const text = section.replace(/^[ \t]*\r?\n/, '');
    const head = headOf(text);
    const type = /^content-type:\s*([\w/-]+)/im.exec(head)?.[1]?.toLowerCase() ?? 'text/plain';
    const encoding = /^content-transfer-encoding:\s*(\w+)/im.exec(head)?.[1]?.toLowerCase();
    const body = text.slice(head.length).replace(/^\r?\n\r?\n/, '');
    const kind = KINDS[type];
    if (kind === undefined) found.unknown.push(type);
    else
      found.parts.push({
        kind,
        text: encoding === 'base64' ? Buffer.from(body, 'base64').toString() : body,
      });
  }
  return found;
}
