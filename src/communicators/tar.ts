import type { FileEntry } from './files.ts';

const BLOCK = 512;

/**
 * A tar archive (POSIX ustar; a pax header where a name does not fit) of `files` under the name `root`.
 * The same arguments give the same bytes. `owner` is `user:group`: names are resolved where it is unpacked, numbers are taken as they are.
 */
export function createTar(
  files: FileEntry[],
  options: { root: string; owner: string; modifiedAt: number },
): Buffer {
  const owner = parseOwner(options.owner);
  const blocks: Buffer[] = [];
  for (const file of files) {
    const path = [options.root, file.path].filter(Boolean).join('/') || '.';
    const name = file.kind === 'directory' ? `${path}/` : path;
    const content = file.kind === 'file' ? file.content : Buffer.alloc(0);
    const target = file.kind === 'link' ? file.target : '';
    const fields = { ...owner, mode: file.mode, size: content.length, modifiedAt: options.modifiedAt };
    const place = splitName(name);
    const long = pax({
      path: place ? undefined : name,
      linkpath: Buffer.byteLength(target) > 100 ? target : undefined,
    });
    if (long.length > 0) {
      const type = 'x';
      blocks.push(header({ ...fields, type, name: 'pax', prefix: '', target: '', size: long.length }));
      blocks.push(padded(long));
    }
    const { name: base, prefix } = place ?? { name: cut(name), prefix: '' };
    blocks.push(header({ ...fields, type: TYPES[file.kind], name: base, prefix, target: cut(target) }));
    blocks.push(padded(content));
  }
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

const TYPES = { file: '0', link: '2', directory: '5' } as const;

interface Owner {
  user: string;
  group: string;
  uid: number;
  gid: number;
}

/** `worker` alone means `worker:worker`. */
export function parseOwner(owner: string): Owner {
  const [user = '', group = user] = owner.split(':');
  const numeric = (name: string) => /^\d+$/.test(name);
  return {
    user: numeric(user) ? '' : user,
    group: numeric(group) ? '' : group,
    uid: numeric(user) ? Number(user) : 0,
    gid: numeric(group) ? Number(group) : 0,
  };
}

/** ustar keeps 100 bytes of name and 155 of the directories before it; undefined when no `/` divides it so. */
function splitName(path: string): { name: string; prefix: string } | undefined {
  if (Buffer.byteLength(path) <= 100) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const prefix = path.slice(0, at);
    const name = path.slice(at + 1);
    if (name !== '' && Buffer.byteLength(name) <= 100 && Buffer.byteLength(prefix) <= 155)
      return { name, prefix };
  }
  return undefined;
}

const cut = (text: string) => Buffer.from(text).subarray(0, 100).toString('latin1');

function pax(records: Record<string, string | undefined>): Buffer {
  const lines = Object.entries(records).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const rest = ` ${key}=${value}\n`;
    // The length counts its own digits.
    let length = Buffer.byteLength(rest);
    while (String(length).length + Buffer.byteLength(rest) !== length)
      length = String(length).length + Buffer.byteLength(rest);
    return [`${length}${rest}`];
  });
  return Buffer.from(lines.join(''));
}

function padded(content: Buffer): Buffer {
  const rest = content.length % BLOCK;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK - rest)]);
}

function header(
  entry: Owner & {
    name: string;
    prefix: string;
    target: string;
    mode: number;
    size: number;
    modifiedAt: number;
    type: string;
  },
): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, width: number) =>
    block.write(`${value.toString(8).padStart(width - 1, '0')}\0`, at, 'latin1');
  block.write(entry.name, 0, 100);
  octal(entry.mode, 100, 8);
  octal(entry.uid, 108, 8);
  octal(entry.gid, 116, 8);
  octal(entry.size, 124, 12);
  octal(Math.floor(entry.modifiedAt / 1000), 136, 12);
  block.write('        ', 148);
  block.write(entry.type, 156);
  block.write(entry.target, 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  block.write(entry.user, 265, 31);
  block.write(entry.group, 297, 31);
  block.write(entry.prefix, 345, 155);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}
