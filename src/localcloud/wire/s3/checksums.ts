import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A digest that grows with a body; `value` in base64, as headers and trailers carry it. */
export interface Checksum {
  update(chunk: Buffer): void;
  value(): string;
}

/** By the end of the header `x-amz-checksum-*`. Source: S3 user guide, "Checking object integrity". */
export const CHECKSUMS: Record<string, () => Checksum> = {
  crc32() {
    let crc = 0;
    return {
      update: (chunk) => {
        crc = crc32(chunk, crc);
      },
      value: () => words(crc),
    };
  },
  crc32c() {
    let crc = ~0;
    return {
      update: (chunk) => {
        for (const byte of chunk) crc = CASTAGNOLI[(crc ^ byte) & 0xff]! ^ (crc >>> 8);
      },
      value: () => words(~crc),
    };
  },
  crc64nvme() {
    let high = ~0;
    let low = ~0;
    return {
      update: (chunk) => {
        for (const byte of chunk) {
          const at = (low ^ byte) & 0xff;
          low = ((low >>> 8) | (high << 24)) ^ NVME.low[at]!;
          high = (high >>> 8) ^ NVME.high[at]!;
        }
      },
      value: () => words(~high, ~low),
    };
  },
  sha1: () => hash('sha1'),
  sha256: () => hash('sha256'),
};

function hash(name: string): Checksum {
  const digest = createHash(name);
  return { update: (chunk) => void digest.update(chunk), value: () => digest.digest('base64') };
}

function words(...values: number[]): string {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => {
    bytes.writeUInt32BE(value >>> 0, at * 4);
  });
  return bytes.toString('base64');
}

/** CRC-32C, polynomial 1EDC6F41 reflected. */
const CASTAGNOLI = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** CRC-64/NVME, polynomial AD93D23594C93659 reflected; two halves, for numbers of 64 bits are slow. */
const NVME = (() => {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
    high[byte] = Number(crc >> 32n);
    low[byte] = Number(crc & 0xffffffffn);
  }
  return { high, low };
})();
