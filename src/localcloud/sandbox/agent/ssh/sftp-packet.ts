import type { Stats } from 'node:fs';

export const STATUS = 101;

/** SSH_FXP_STATUS codes. */
export const OK = 0;
export const END_OF_FILE = 1;

/** The protocol's code of a system error. */
export function statusOf(code: string | undefined): number {
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP') return 2;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 3;
  return code === 'ENOSYS' ? 8 : 4;
}

/** Bits that say which attributes follow. */
const SIZE = 1;
const OWNER = 2;
const MODE = 4;
const TIMES = 8;

/** What a client may set. Times in seconds. */
export interface Attributes {
  size?: number;
  owner?: { uid: number; gid: number };
  mode?: number;
  times?: { accessed: number; modified: number };
}

/** Reads the fields of a packet in their order. Throws RangeError when it is too short. */
export class PacketReader {
  readonly #packet: Buffer;
  #at = 0;

  constructor(packet: Buffer) {
    this.#packet = packet;
  }

  byte(): number {
    return this.#packet.readUInt8(this.#at++);
  }

  uint32(): number {
    this.#at += 4;
    return this.#packet.readUInt32BE(this.#at - 4);
  }

  uint64(): number {
    this.#at += 8;
    return Number(this.#packet.readBigUInt64BE(this.#at - 8));
  }

  bytes(): Buffer {
    const length = this.uint32();
    if (this.#at + length > this.#packet.length) throw new RangeError('truncated packet');
    this.#at += length;
    return this.#packet.subarray(this.#at - length, this.#at);
  }

  string(): string {
    return this.bytes().toString('utf8');
  }

  attributes(): Attributes {
    const flags = this.uint32();
    return {
      ...(flags & SIZE && { size: this.uint64() }),
      ...(flags & OWNER && { owner: { uid: this.uint32(), gid: this.uint32() } }),
      ...(flags & MODE && { mode: this.uint32() & 0o7777 }),
      ...(flags & TIMES && { times: { accessed: this.uint32(), modified: this.uint32() } }),
    };
  }
}

/** Puts a packet together. */
export class PacketWriter {
  readonly #parts: Buffer[];

  constructor(type: number) {
    this.#parts = [Buffer.of(type)];
  }

  uint32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32BE(value >>> 0);
    this.#parts.push(part);
    return this;
  }

  bytes(value: Buffer): this {
    this.uint32(value.length).#parts.push(value);
    return this;
  }

  string(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  attributes({ size, uid, gid, mode, atimeMs, mtimeMs }: Stats): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64BE(BigInt(size));
    this.uint32(SIZE | OWNER | MODE | TIMES).#parts.push(part);
    return this.uint32(uid)
      .uint32(gid)
      .uint32(mode)
      .uint32(atimeMs / 1_000)
      .uint32(mtimeMs / 1_000);
  }

  /** With its length before it. */
  packet(): Buffer {
    const body = Buffer.concat(this.#parts);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    return Buffer.concat([length, body]);
  }
}
