import { gzip } from 'node:zlib';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const compress = promisify(gzip);
/** Uncompressed bytes of one member. Cut at fixed offsets, so that equal bytes are compressed to equal bytes however they arrive. */
const PIECE = 1024 ** 2;
/** Said outright, so that a later default does not change what equal content is compressed to. */
const LEVEL = 6;
/** One more than there are cores: while one that is done is written, none of them waits. */
const IN_FLIGHT = availableParallelism() + 1;
/** What comes out of a piece is taken at once: each time costs a way to zlib's thread and back. */
const CHUNK = PIECE;

/**
 * Gzip'ed bytes as a row of members, which every reader takes as one file: the pieces are compressed at the same time, on all cores.
 * No bytes give one member that holds nothing.
 */
export async function* gzipMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Promise<Uint8Array>[] = [];
  try {
    for await (const piece of pieces(source)) {
      waiting.push(compress(piece, { level: LEVEL, chunkSize: CHUNK }));
      if (waiting.length >= IN_FLIGHT) yield (await waiting.shift()) ?? new Uint8Array();
    }
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield await next;
  } finally {
    // Whoever stops early must not leave failures behind that nobody waits for.
    await Promise.allSettled(waiting);
  }
}

/** Each in memory of its own: who gave the chunks may use theirs again. */
async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let piece = Buffer.allocUnsafeSlow(PIECE);
  let filled = 0;
  let count = 0;
  for await (const chunk of source)
    for (let rest = chunk; rest.length > 0;) {
      const part = rest.subarray(0, PIECE - filled);
      piece.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
      if (filled < PIECE) continue;
      yield piece;
      count += 1;
      piece = Buffer.allocUnsafeSlow(PIECE);
      filled = 0;
    }
  if (filled > 0 || count === 0) yield piece.subarray(0, filled);
}
