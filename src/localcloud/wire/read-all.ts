import { ServiceError } from '../engine/errors.ts';

/** AWS refuses larger requests too; nothing that bake sends comes near. */
const LARGEST_BODY = 16 * 1024 * 1024;

/** A body as a whole. @throws RequestEntityTooLarge */
export async function readAll(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    // The rest is read and dropped: a client that still writes would not see the refusal.
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  if (size > LARGEST_BODY) throw new ServiceError('RequestEntityTooLarge', 'The request is too large.', 413);
  return Buffer.concat(chunks);
}
