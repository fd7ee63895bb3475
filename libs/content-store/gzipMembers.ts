import { gzip } from 'node:zlib';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const compress = promisify(gzip);
/** Uncompressed bytes of one member. Cut at fixed offsets, so that equal bytes are compressed to equal bytes however they arrive. */
const PIECE = 1024 ** 2;
/** Said outright, so that a later default does not change what equal content is compressed to. */
const LEVEL = 6;
const IN_FLIGHT = Math.max(2, availableParallelism());

/**
 * Gzip'ed bytes as a row of members, which every reader takes as one file: the pieces are compressed at the same time, on all cores.
 * No bytes give one member that holds nothing.
 */
export async function* gzipMembers(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const waiting: Promise<Uint8Array>[] = [];
  try {
    for await (const piece of pieces(source)) {
      waiting.push(compress(piece, { level: LEVEL }));
      if (waiting.length >= IN_FLIGHT) yield (await waiting.shift()) ?? new Uint8Array();
    }
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield await next;
  } finally {
    // Whoever stops early must not leave failures behind that nobody waits for.
    await Promise.allSettled(waiting);
  }
}

async function* pieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  let count = 0;
  for await (const chunk of source) {
    let rest = chunk;
    while (size + rest.length >= PIECE) {
      const cut = PIECE - size;
      held.push(rest.subarray(0, cut));
      yield Buffer.concat(held);
      count += 1;
      rest = rest.subarray(cut);
      held = [];
      size = 0;
    }
    // A copy, since who gave the chunk may use its memory again.
    if (rest.length > 0) held.push(Uint8Array.from(rest));
    size += rest.length;
  }
  if (size > 0 || count === 0) yield Buffer.concat(held);
}
