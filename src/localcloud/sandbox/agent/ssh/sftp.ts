// What the subsystem `sftp` runs, as the user who logged in: SFTP version 3 on standard input and output.
// Source: draft-ietf-secsh-filexfer-02, and OpenSSH's PROTOCOL for the extensions.
import { writeSync } from 'node:fs';
import { fileRequest } from './sftp-files.ts';
import { PacketReader, PacketWriter, STATUS, statusOf } from './sftp-packet.ts';

const INIT = 1;
const VERSION = 2;
/** Larger packets are nobody's; OpenSSH sends 256 KB at most. */
const LARGEST_PACKET = 1024 * 1024;

let rest: Buffer = Buffer.alloc(0);
process.stdin.on('data', (chunk: Buffer) => {
  rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  while (rest.length >= 4) {
    const length = rest.readUInt32BE(0);
    if (length === 0 || length > LARGEST_PACKET) process.exit(1);
    if (rest.length < 4 + length) return;
    answer(rest.subarray(4, 4 + length));
    rest = rest.subarray(4 + length);
  }
});

function answer(packet: Buffer): void {
  const reader = new PacketReader(packet);
  const type = reader.byte();
  if (type === INIT) {
    const extensions = new PacketWriter(VERSION).uint32(3);
    send(extensions.string('posix-rename@openssh.com').string('1').packet());
    return;
  }
  const id = reader.uint32();
  try {
    send(fileRequest(type, id, reader).packet());
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    send(new PacketWriter(STATUS).uint32(id).uint32(statusOf(code)).string(message).string('').packet());
  }
}

/** Standard output is a pipe: writing waits while it is full. */
function send(packet: Buffer): void {
  for (let at = 0; at < packet.length; ) at += writeSync(1, packet, at);
}
