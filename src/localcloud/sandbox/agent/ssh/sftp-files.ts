import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmdirSync,
  type Stats,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { type Attributes, END_OF_FILE, OK, type PacketReader, PacketWriter, STATUS } from './sftp-packet.ts';

const HANDLE = 102;
const DATA = 103;
const NAME = 104;
const ATTRIBUTES = 105;
/** As many names in one answer to READDIR: it must stay within a packet. */
const NAMES_AT_ONCE = 100;
const LARGEST_READ = 256 * 1024;

/** An open file, or a directory with the names not told yet. */
type Handle = { path: string; file: number } | { path: string; names: string[] };
const handles = new Map<string, Handle>();
let opened = 0;

/** Does what a request asks for; returns its answer. Throws the system's errors. */
export function fileRequest(type: number, id: number, request: PacketReader): PacketWriter {
  const act = ACTIONS[type];
  if (!act) throw Object.assign(new Error('not supported'), { code: 'ENOSYS' });
  return act(id, request) ?? new PacketWriter(STATUS).uint32(id).uint32(OK).string('').string('');
}

// biome-ignore lint/suspicious/noConfusingVoidType: what an action does without an answer of its own is told as success.
type Action = (id: number, request: PacketReader) => PacketWriter | void;

/** By SSH_FXP_ type. */
const ACTIONS: Record<number, Action> = {
  3: (id, request) => {
    const path = request.string();
    const flags = openFlags(request.uint32());
    return newHandle(id, { path, file: openSync(path, flags, request.attributes().mode ?? 0o666) });
  },
  4: (_, request) => {
    const name = request.string();
    const handle = handleOf(name);
    if ('file' in handle) closeSync(handle.file);
    handles.delete(name);
  },
  5: (id, request) => {
    const file = fileOf(request.string());
    const position = request.uint64();
    const buffer = Buffer.alloc(Math.min(request.uint32(), LARGEST_READ));
    const read = readSync(file, buffer, 0, buffer.length, position);
    return read === 0 ? endOfFile(id) : new PacketWriter(DATA).uint32(id).bytes(buffer.subarray(0, read));
  },
  6: (_, request) => {
    const file = fileOf(request.string());
    const position = request.uint64();
    const data = request.bytes();
    for (let at = 0; at < data.length; ) at += writeSync(file, data, at, data.length - at, position + at);
  },
  7: (id, request) => attributes(id, lstatSync(request.string())),
  8: (id, request) => attributes(id, fstatSync(fileOf(request.string()))),
  9: (_, request) => setAttributes(request.string(), request.attributes()),
  10: (_, request) => setAttributes(handleOf(request.string()).path, request.attributes()),
  11: (id, request) => {
    const path = request.string();
    return newHandle(id, { path, names: ['.', '..', ...readdirSync(path)] });
  },
  12: (id, request) => {
    const handle = handleOf(request.string());
    if (!('names' in handle)) throw new Error('not a directory');
    const names = handle.names.splice(0, NAMES_AT_ONCE);
    if (names.length === 0) return endOfFile(id);
    const entries = names.flatMap((name) => {
      const stats = lstatSync(join(handle.path, name), { throwIfNoEntry: false });
      return stats ? [{ name, stats }] : [];
    });
    const answer = new PacketWriter(NAME).uint32(id).uint32(entries.length);
    for (const { name, stats } of entries)
      answer.string(name).string(longName(name, stats)).attributes(stats);
    return answer;
  },
  13: (_, request) => unlinkSync(request.string()),
  14: (_, request) => {
    const path = request.string();
    mkdirSync(path, { mode: request.attributes().mode ?? 0o777 });
  },
  15: (_, request) => rmdirSync(request.string()),
  16: (id, request) => {
    const path = resolve(request.string());
    const real = existsSync(path) ? realpathSync(path) : path;
    return name(id, real);
  },
  17: (id, request) => attributes(id, statSync(request.string())),
  // Version 3 does not replace what is there; OpenSSH's extension does.
  18: (_, request) => {
    const [from, to] = [request.string(), request.string()];
    if (existsSync(to)) throw new Error('the new name exists');
    renameSync(from, to);
  },
  19: (id, request) => name(id, readlinkSync(request.string())),
  // OpenSSH has the target first, against the draft, and so have its clients.
  20: (_, request) => symlinkSync(request.string(), request.string()),
  200: (_, request) => {
    if (request.string() !== 'posix-rename@openssh.com')
      throw Object.assign(new Error('not supported'), { code: 'ENOSYS' });
    renameSync(request.string(), request.string());
  },
};

/** SSH_FXF_READ, WRITE, APPEND, CREAT, TRUNC, EXCL. */
function openFlags(bits: number): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL } = constants;
  const access = bits & 2 ? (bits & 1 ? O_RDWR : O_WRONLY) : O_RDONLY;
  const more = [
    [4, O_APPEND],
    [8, O_CREAT],
    [16, O_TRUNC],
    [32, O_EXCL],
  ] as const;
  return more.reduce((flags, [bit, flag]) => (bits & bit ? flags | flag : flags), access);
}

function setAttributes(path: string, { size, owner, mode, times }: Attributes): void {
  if (size !== undefined) truncateSync(path, size);
  if (owner) chownSync(path, owner.uid, owner.gid);
  if (mode !== undefined) chmodSync(path, mode);
  if (times) utimesSync(path, times.accessed, times.modified);
}

function newHandle(id: number, handle: Handle): PacketWriter {
  const key = String(++opened);
  handles.set(key, handle);
  return new PacketWriter(HANDLE).uint32(id).string(key);
}

function handleOf(key: string): Handle {
  const handle = handles.get(key);
  if (!handle) throw new Error('no such handle');
  return handle;
}

function fileOf(key: string): number {
  const handle = handleOf(key);
  if (!('file' in handle)) throw new Error('a directory');
  return handle.file;
}

const endOfFile = (id: number) =>
  new PacketWriter(STATUS).uint32(id).uint32(END_OF_FILE).string('end of file').string('');

const attributes = (id: number, stats: Stats) => new PacketWriter(ATTRIBUTES).uint32(id).attributes(stats);

const name = (id: number, path: string) => {
  const answer = new PacketWriter(NAME).uint32(id).uint32(1).string(path).string(path);
  // No attributes are known of it.
  return answer.uint32(0);
};

/** What `ls -l` shows, which version 3 carries as text. */
function longName(name: string, stats: Stats): string {
  const kind = stats.isDirectory() ? 'd' : stats.isSymbolicLink() ? 'l' : '-';
  const bits = [...'rwxrwxrwx'].map((letter, at) => (stats.mode & (1 << (8 - at)) ? letter : '-')).join('');
  const date = stats.mtime.toISOString().slice(0, 16).replace('T', ' ');
  return `${kind}${bits} ${stats.nlink} ${stats.uid} ${stats.gid} ${stats.size} ${date} ${name}`;
}
