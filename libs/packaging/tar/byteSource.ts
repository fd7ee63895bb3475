/** Bytes of a stream, taken in the amounts that its format asks for. */
export interface ByteSource {
  /** Bytes taken so far. */
  readonly position: number;
  /** As many bytes as asked for; fewer only at the end. They are held in memory. */
  take(count: number): Promise<Uint8Array>;
  /** The next piece, as it came, of at most `count` bytes; `undefined` at the end. */
  next(count: number): Promise<Uint8Array | undefined>;
  /** Ends the stream; nothing is to be taken any more. */
  close(): Promise<void>;
}

export function byteSource(stream: AsyncIterable<Uint8Array>): ByteSource {
  const iterator = stream[Symbol.asyncIterator]();
  let held: Uint8Array = new Uint8Array(0);
  let position = 0;

  async function next(count: number): Promise<Uint8Array | undefined> {
    while (held.length === 0) {
      const result = await iterator.next();
      if (result.done === true) return undefined;
      held = result.value;
    }
    const piece = held.subarray(0, count);
    held = held.subarray(piece.length);
    position += piece.length;
    return piece;
  }

  return {
    get position() {
      return position;
    },
    next,
    async take(count) {
      const pieces: Uint8Array[] = [];
      let missing = count;
      while (missing > 0) {
        const piece = await next(missing);
        if (piece === undefined) break;
        pieces.push(piece);
        missing -= piece.length;
      }
      return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    },
    async close() {
      await iterator.return?.();
    },
  };
}
